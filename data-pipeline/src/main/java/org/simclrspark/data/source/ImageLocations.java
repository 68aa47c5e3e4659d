package org.simclrspark.data.source;

import java.io.IOException;

/** Where the images of a row group lie, row after row. */
interface ImageLocations {

  /**
   * Goes to the next row.
   *
   * @throws IOException if the pages are damaged
   */
  void next() throws IOException;

  /** Whether the row has an image. */
  boolean isPresent();

  /** Where it begins in the file; 0 where images cannot be read one by one. */
  long offset();

  /** Its length in bytes; where images cannot be read one by one, the mean of the row group. */
  int length();
}
