package org.simclrspark.driver.evaluate;

import java.io.Serializable;
import org.simclrspark.data.ImageRecord;

/** Turns an image into its evaluation view, without anything random. */
@FunctionalInterface
public interface ViewFunction extends Serializable {

  /**
   * The view's pixels, one unsigned byte a value, [3, size, size], row-major.
   *
   * @throws org.simclrspark.data.DataException if the image cannot be decoded
   */
  byte[] view(ImageRecord image);
}
