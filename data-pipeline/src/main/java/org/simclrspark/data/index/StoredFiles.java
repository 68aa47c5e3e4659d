package org.simclrspark.data.index;

import java.io.EOFException;
import java.io.IOException;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.util.SerializableConfiguration;
import org.simclrspark.data.files.DataFiles;

/**
 * Reads ranges of files of any file system; safe for many threads. Files on HDFS and S3 stay open
 * until {@link #closeIdle}, up to {@value #MOST_OPEN} of them.
 */
final class StoredFiles implements Serializable {
  private static final int MOST_OPEN = 512;

  private final SerializableConfiguration hadoop;
  private final int requests;
  private transient OpenFiles open;

  /**
   * Opens nothing.
   *
   * @param requests that may be under way at a time
   */
  StoredFiles(Configuration hadoop, int requests) {
    this.hadoop = new SerializableConfiguration(hadoop);
    this.requests = requests;
  }

  Configuration configuration() {
    return hadoop.value();
  }

  /**
   * A range of a file.
   *
   * @throws EOFException if the file is shorter
   */
  byte[] read(String file, long offset, int length) throws IOException {
    if (length == 0) {
      return new byte[0];
    }
    byte[] bytes = new byte[length];
    Path path = new Path(file);
    if (file.startsWith("s3a:")) {
      open().read(file, offset, bytes, false, () -> S3Files.open(path, requests, hadoop.value()));
      return bytes;
    }
    if (file.startsWith("hdfs:")) {
      open().read(file, offset, bytes, true, () -> HdfsFiles.open(path, requests, hadoop.value()));
      return bytes;
    }
    try (FSDataInputStream input = DataFiles.of(file, hadoop.value()).open(file)) {
      input.readFully(offset, bytes);
    }
    return bytes;
  }

  /** Closes the files that nobody reads. */
  void closeIdle() {
    open().closeIdle();
  }

  private synchronized OpenFiles open() {
    if (open == null) {
      open = new OpenFiles(MOST_OPEN);
    }
    return open;
  }
}
