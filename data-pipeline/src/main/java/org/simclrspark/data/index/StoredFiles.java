package org.simclrspark.data.index;

import java.io.EOFException;
import java.io.IOException;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.spark.util.SerializableConfiguration;
import org.simclrspark.data.files.DataFiles;

/** Reads ranges of files of any file system; safe for many threads. */
final class StoredFiles implements Serializable {
  private final SerializableConfiguration hadoop;

  StoredFiles(Configuration hadoop) {
    this.hadoop = new SerializableConfiguration(hadoop);
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
    byte[] bytes = new byte[length];
    try (FSDataInputStream input = DataFiles.of(file, hadoop.value()).open(file)) {
      input.readFully(offset, bytes);
    }
    return bytes;
  }
}
