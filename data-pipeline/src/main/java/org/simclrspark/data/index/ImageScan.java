package org.simclrspark.data.index;

import java.io.Closeable;
import java.io.IOException;

/** A scan of a unit, image after image in the order of ids. */
public interface ImageScan extends Closeable {

  /**
   * The next image, or null at the end.
   *
   * @throws IOException if the unit is damaged or cannot be read
   */
  FoundImage next() throws IOException;

  /** What was passed over so far. */
  LeftOut leftOut();

  /**
   * Why the images cannot be read one by one, such as "it is compressed as a whole"; null if they
   * can.
   */
  default String sequentialOnly() {
    return null;
  }
}
