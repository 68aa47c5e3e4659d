package org.simclrspark.driver.storage;

import java.io.Closeable;
import java.io.IOException;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.Path;

/**
 * A file that grows at its end. Nothing is tried again: a part of the bytes may have been written.
 */
public final class AppendedFile implements Closeable {

  private final Path path;
  private final FSDataOutputStream out;

  AppendedFile(Path path, FSDataOutputStream out) {
    this.path = path;
    this.out = out;
  }

  /**
   * Adds bytes and makes them visible to readers.
   *
   * @throws StorageException if it fails
   */
  public void append(byte[] bytes) {
    try {
      out.write(bytes);
      out.hflush();
    } catch (IOException e) {
      throw Storage.failure("append to", path, 1, e);
    } catch (FSError e) {
      throw Storage.failure("append to", path, 1, Storage.causeOf(e));
    }
  }

  @Override
  public void close() {
    try {
      out.close();
    } catch (IOException e) {
      throw Storage.failure("close", path, 1, e);
    } catch (FSError e) {
      throw Storage.failure("close", path, 1, Storage.causeOf(e));
    }
  }
}
