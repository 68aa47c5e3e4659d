package org.simclrspark.data.decode;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;
import org.bytedeco.leptonica.PIX;
import org.bytedeco.leptonica.global.leptonica;
import org.simclrspark.data.DataException;

/** Writes pixels as JPEG with leptonica's libjpeg-turbo. */
public final class JpegEncoder {

  /**
   * The JPEG file of an image.
   *
   * @param quality 1 to 100
   */
  public byte[] encode(Pixels pixels, int quality) {
    PIX image = leptonica.pixCreate(pixels.width(), pixels.height(), 32);
    if (image == null) {
      throw failure(pixels);
    }
    try (PointerPointer<BytePointer> data = new PointerPointer<>(1);
        SizeTPointer size = new SizeTPointer(1)) {
      image.data().put(pixels.words(), 0, pixels.width() * pixels.height());
      if (leptonica.pixWriteMemJpeg(data, size, image, quality, 0) != 0) {
        throw failure(pixels);
      }
      BytePointer written = data.get(BytePointer.class, 0);
      byte[] file = new byte[Math.toIntExact(size.get())];
      written.get(file);
      leptonica.lept_free(written);
      return file;
    } finally {
      leptonica.pixDestroy(image);
    }
  }

  private static DataException failure(Pixels pixels) {
    return new DataException(
        "An image of "
            + pixels.width()
            + " x "
            + pixels.height()
            + " pixels cannot be written as JPEG; JPEG allows 65,535 pixels a side");
  }
}
