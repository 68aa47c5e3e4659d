package org.simclrspark.data.index;

import java.io.IOException;
import java.net.URI;
import java.util.concurrent.CompletionException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.s3a.RemoteFileChangedException;
import org.apache.hadoop.fs.s3a.S3AFileStatus;
import org.apache.hadoop.fs.statistics.IOStatistics;
import org.apache.hadoop.fs.statistics.IOStatisticsSource;

/**
 * Objects on S3, a range of which is one GET: S3A's random policy, no look ahead, and no HEAD
 * before. A 503 is tried again by S3A, after a growing wait.
 */
final class S3Files {
  private static final String CONNECTIONS = "fs.s3a.connection.maximum";

  /** Of every object: a range says itself where it ends, and fails where the object is shorter. */
  private static final long LENGTH = 1L << 50;

  private static final String THROTTLED = "store_io_throttled";

  private static final Clients CLIENTS = new Clients();

  private S3Files() {}

  /** Opens an object, without a request: one that does not exist fails at its first range. */
  static FSDataInputStream open(Path path, int connections, Configuration hadoop)
      throws IOException {
    FileSystem client = client(path.toUri(), connections, hadoop);
    S3AFileStatus status = new S3AFileStatus(LENGTH, 0, path, 1, null, null, null);
    try {
      return client
          .openFile(path)
          .opt("fs.s3a.experimental.input.fadvise", "random")
          .opt("fs.s3a.readahead.range", "1")
          .withFileStatus(status)
          .build()
          .join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
    }
  }

  /** Whether S3 says that an object is no longer the one that was opened. */
  static boolean isReplaced(IOException failure) {
    return failure instanceof RemoteFileChangedException;
  }

  private static FileSystem client(URI uri, int connections, Configuration hadoop)
      throws IOException {
    String key = uri.getAuthority() + "@" + hadoop.get("fs.s3a.endpoint") + "*" + connections;
    return CLIENTS.get(
        key,
        () -> {
          Configuration own = new Configuration(hadoop);
          own.setInt(CONNECTIONS, Math.max(connections, own.getInt(CONNECTIONS, 1)));
          return FileSystem.newInstance(uri, own);
        });
  }

  /** How often S3 has refused requests of this process for being too many. */
  static long throttled() {
    long throttled = 0;
    for (FileSystem client : CLIENTS.all()) {
      IOStatistics statistics =
          client instanceof IOStatisticsSource source ? source.getIOStatistics() : null;
      if (statistics != null) {
        throttled += statistics.counters().getOrDefault(THROTTLED, 0L);
      }
    }
    return throttled;
  }
}
