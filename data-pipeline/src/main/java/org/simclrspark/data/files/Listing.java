package org.simclrspark.data.files;

import java.io.Closeable;
import java.io.IOException;

/** What is in a directory, one after the other, in the order of the file system. */
public interface Listing extends Closeable {

  /**
   * The next one, or null at the end.
   *
   * @throws IOException if the file system refuses
   */
  FoundFile next() throws IOException;
}
