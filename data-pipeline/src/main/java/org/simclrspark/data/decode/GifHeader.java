package org.simclrspark.data.decode;

import org.simclrspark.data.decode.ImageHeader.Kind;

/** Finds the first frame of a GIF and where it lies in the picture (GIF89a, sections 17 to 20). */
final class GifHeader {
  private static final int SCREEN = 6;
  private static final int COLORS = 13;
  private static final int EXTENSION = 0x21;
  private static final int FRAME = 0x2C;

  private GifHeader() {}

  static ImageHeader parse(byte[] file) throws DamagedImageException {
    Bytes bytes = new Bytes(file, true);
    long at = (long) COLORS + colors(bytes.u8(SCREEN + 4));
    while (bytes.u8(at) == EXTENSION) {
      at += 2;
      while (bytes.u8(at) != 0) {
        at += 1 + bytes.u8(at);
      }
      at++;
    }
    if (bytes.u8(at) != FRAME) {
      throw new DamagedImageException("the GIF has no picture");
    }
    int left = bytes.u16(at + 1);
    int top = bytes.u16(at + 3);
    int width = bytes.u16(at + 5);
    int height = bytes.u16(at + 7);
    if (width == 0 || height == 0) {
      throw new DamagedImageException("the GIF says it is " + width + " x " + height + " pixels");
    }
    return ImageHeader.of(
            Kind.GIF,
            Math.max(bytes.u16(SCREEN), left + width),
            Math.max(bytes.u16(SCREEN + 2), top + height),
            file)
        .framed(left, top);
  }

  /** Bytes of the global colours. */
  private static int colors(int flags) {
    return (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);
  }
}
