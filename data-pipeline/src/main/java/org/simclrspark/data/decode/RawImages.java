package org.simclrspark.data.decode;

import java.nio.ByteBuffer;

/** Pixels stored as they are, see {@link org.simclrspark.data.ImageRecord.Encoding#RAW}. */
public final class RawImages {
  private static final int HEADER = 2 * Integer.BYTES;

  private RawImages() {}

  /** The stored form of an image. */
  public static byte[] encode(Pixels pixels) {
    int count = pixels.width() * pixels.height();
    ByteBuffer buffer =
        ByteBuffer.allocate(Math.addExact(HEADER, Math.multiplyExact(3, count)))
            .putInt(pixels.width())
            .putInt(pixels.height());
    for (int i = 0; i < count; i++) {
      int word = pixels.words()[i];
      buffer
          .put((byte) Pixels.red(word))
          .put((byte) Pixels.green(word))
          .put((byte) Pixels.blue(word));
    }
    return buffer.array();
  }

  static void decode(byte[] bytes, DecodeLimits limits, Pixels pixels)
      throws DamagedImageException {
    if (bytes.length < HEADER) {
      throw new DamagedImageException("the raw image has no header");
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    int width = buffer.getInt();
    int height = buffer.getInt();
    if (width < 1 || height < 1 || HEADER + 3L * width * height != bytes.length) {
      throw new DamagedImageException(
          "the raw image says it is "
              + width
              + " x "
              + height
              + " pixels, but has "
              + bytes.length
              + " bytes");
    }
    ImageDecoder.checkSize(width, height, limits);
    pixels.resize(width, height);
    for (int i = 0; i < width * height; i++) {
      int at = HEADER + 3 * i;
      pixels.words()[i] = Pixels.word(bytes[at] & 0xFF, bytes[at + 1] & 0xFF, bytes[at + 2] & 0xFF);
    }
  }
}
