package org.simclrspark.data.index;

import java.io.EOFException;
import java.io.IOException;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.util.SerializableConfiguration;
import org.simclrspark.data.files.DataFiles;

/** Reads ranges of files of any file system; safe for many threads. */
final class StoredFiles implements Serializable {
  private final SerializableConfiguration hadoop;
  private final int requests;

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
    if (file.startsWith("s3a:")) {
      return S3Files.read(new Path(file), offset, length, requests, hadoop.value());
    }
    byte[] bytes = new byte[length];
    try (FSDataInputStream input = DataFiles.of(file, hadoop.value()).open(file)) {
      input.readFully(offset, bytes);
    }
    return bytes;
  }
}
