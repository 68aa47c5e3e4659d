package org.simclrspark.data.index;

import java.io.Serializable;

/**
 * How images are read.
 *
 * @param requests that an executor has under way at a time
 */
public record ReadSettings(int requests) implements Serializable {
  /** Enough to hide the latency of a local disk or HDFS. */
  public static final ReadSettings DEFAULT = new ReadSettings(64);

  public ReadSettings {
    if (requests < 1) {
      throw new IllegalArgumentException(
          "The number of requests at a time must be positive, found " + requests);
    }
  }
}
