package org.simclrspark.data.augment;

import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.source.CifarFormat;

/** Turns the stored form of an image into pixels; one a thread. */
final class ImageDecoder {

  /**
   * Decodes an image into a buffer.
   *
   * @throws DataException if the image is damaged
   */
  void decode(ImageRecord image, Pixels pixels) {
    switch (image.encoding()) {
      case CIFAR -> {
        if (image.bytes().length != CifarFormat.IMAGE_BYTES) {
          throw new DataException(
              "A CIFAR image must have "
                  + CifarFormat.IMAGE_BYTES
                  + " bytes, but "
                  + image.name()
                  + " has "
                  + image.bytes().length);
        }
        pixels.wrapPlanar(image.bytes(), CifarFormat.SIDE, CifarFormat.SIDE);
      }
      case FILE ->
          throw new DataException("Image files cannot be decoded yet, found " + image.name());
    }
  }
}
