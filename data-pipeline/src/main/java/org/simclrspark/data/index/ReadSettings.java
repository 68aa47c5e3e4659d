package org.simclrspark.data.index;

import java.io.Serializable;
import org.simclrspark.data.decode.DecodeLimits;

/**
 * How images are read.
 *
 * @param requests that an executor has under way at a time
 * @param cache a directory on the executors' own disks that keeps what was read, or null
 * @param cacheSize bytes that the cache may take on a machine
 * @param limits of a file beyond the longest, one byte more than that is read, so that the decoder
 *     refuses it
 */
public record ReadSettings(int requests, String cache, long cacheSize, DecodeLimits limits)
    implements Serializable {
  /** Without a cache, and with requests enough to hide the latency of a disk or of HDFS. */
  public static final ReadSettings DEFAULT = new ReadSettings(64, null, 0, DecodeLimits.DEFAULT);

  public ReadSettings {
    if (requests < 1) {
      throw new IllegalArgumentException(
          "The number of requests at a time must be positive, found " + requests);
    }
  }
}
