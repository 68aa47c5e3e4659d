package org.simclrspark.data.decode;

/**
 * What a file says about its image before it is decoded.
 *
 * @param kind from the first bytes; the name of a file does not count
 * @param width stored width, before the orientation is applied
 * @param height stored height
 * @param orientation EXIF's, 1 to 8; 1 is upright
 * @param simple whether the image is 8-bit gray or RGB, so that the fast decoder may have it
 */
record ImageHeader(Kind kind, int width, int height, int orientation, boolean simple) {

  /** What the first bytes say. */
  enum Kind {
    JPEG,
    PNG,
    OTHER
  }

  /** Whether the image must be turned by 90 degrees, so that width and height change places. */
  boolean isTransposed() {
    return orientation >= 5;
  }

  /** Reads a header; that of an OTHER file has no size. */
  static ImageHeader parse(byte[] file) throws DamagedImageException {
    if (file.length == 0) {
      throw new DamagedImageException("the file is empty");
    }
    if (file.length >= 3 && u16(file, 0) == 0xFFD8 && u8(file, 2) == 0xFF) {
      return JpegHeader.parse(file);
    }
    if (file.length >= 8 && u32(file, 0) == 0x89504E47L && u32(file, 4) == 0x0D0A1A0AL) {
      return PngHeader.parse(file);
    }
    return new ImageHeader(Kind.OTHER, 0, 0, 1, false);
  }

  static int u8(byte[] bytes, int at) {
    return bytes[at] & 0xFF;
  }

  static int u16(byte[] bytes, int at) {
    return u8(bytes, at) << 8 | u8(bytes, at + 1);
  }

  static long u32(byte[] bytes, int at) {
    return (long) u16(bytes, at) << 16 | u16(bytes, at + 2);
  }
}
