package org.simclrspark.data.decode;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.simclrspark.data.bench.SyntheticPhotos;

/** Writes JPEGs with an EXIF block that holds nothing but an orientation. */
final class ExifJpeg {
  private ExifJpeg() {}

  static byte[] withOrientation(BufferedImage image, int orientation) throws IOException {
    byte[] jpeg = SyntheticPhotos.jpeg(image, 0.95f);
    byte[] exif = {
      (byte) 0xFF,
      (byte) 0xE1,
      0,
      34,
      'E',
      'x',
      'i',
      'f',
      0,
      0, // segment of 34 bytes
      'M',
      'M',
      0,
      42,
      0,
      0,
      0,
      8, // big-endian TIFF, first directory at 8
      0,
      1,
      0x01,
      0x12,
      0,
      3,
      0,
      0,
      0,
      1,
      0,
      (byte) orientation,
      0,
      0, // one entry, a short
      0,
      0,
      0,
      0 // no next directory
    };
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(jpeg, 0, 2);
    bytes.write(exif);
    bytes.write(jpeg, 2, jpeg.length - 2);
    return bytes.toByteArray();
  }
}
