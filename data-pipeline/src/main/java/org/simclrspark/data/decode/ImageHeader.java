package org.simclrspark.data.decode;

/**
 * What a file says about its image before it is decoded.
 *
 * @param kind from the first bytes; the name of a file does not count
 * @param width stored width of the whole picture, before the orientation is applied
 * @param height stored height
 * @param orientation EXIF's, 1 to 8; 1 is upright
 * @param simple whether the native decoder may have it; other images go to Image I/O
 * @param left column at which a first frame lies in the picture
 * @param top row at which it lies
 * @param data the file as its decoder gets it, without what decoders stumble over
 * @param repair what had to be overlooked in one clause, or null if the file is as it should be
 */
record ImageHeader(
    Kind kind,
    int width,
    int height,
    int orientation,
    boolean simple,
    int left,
    int top,
    byte[] data,
    String repair) {

  /** What the first bytes say. */
  enum Kind {
    JPEG,
    PNG,
    GIF,
    BMP,
    TIFF,
    WEBP,
    PNM
  }

  private static final int SIGNATURE = 12;

  /** The header of an upright image that Image I/O reads from the file as it is. */
  static ImageHeader of(Kind kind, long width, long height, byte[] data)
      throws DamagedImageException {
    if (width < 1 || height < 1 || width > Integer.MAX_VALUE || height > Integer.MAX_VALUE) {
      throw new DamagedImageException(
          "the " + kind + " says it is " + width + " x " + height + " pixels");
    }
    return new ImageHeader(kind, (int) width, (int) height, 1, false, 0, 0, data, null);
  }

  ImageHeader oriented(int orientation) {
    return new ImageHeader(kind, width, height, orientation, simple, left, top, data, repair);
  }

  ImageHeader simple(boolean isSimple) {
    return new ImageHeader(kind, width, height, orientation, isSimple, left, top, data, repair);
  }

  ImageHeader framed(int left, int top) {
    return new ImageHeader(kind, width, height, orientation, simple, left, top, data, repair);
  }

  ImageHeader repaired(String clause) {
    return new ImageHeader(kind, width, height, orientation, simple, left, top, data, clause);
  }

  /** Whether the image must be turned by 90 degrees, so that width and height change places. */
  boolean isTransposed() {
    return orientation >= 5;
  }

  /**
   * Reads a header.
   *
   * @throws DamagedImageException if the file is no image of a known kind, or its header is damaged
   */
  static ImageHeader parse(byte[] file) throws DamagedImageException {
    if (file.length == 0) {
      throw new DamagedImageException("the file is empty");
    }
    Kind kind = kind(new Bytes(file));
    if (kind == null) {
      throw new DamagedImageException(
          "the file is no image of a known format: JPEG, PNG, WebP, TIFF, BMP, GIF or PNM");
    }
    try {
      return switch (kind) {
        case JPEG -> JpegHeader.parse(file);
        case PNG -> PngHeader.parse(file);
        case GIF -> GifHeader.parse(file);
        case BMP -> BmpHeader.parse(file);
        case TIFF -> TiffHeader.parse(file);
        case WEBP -> WebpHeader.parse(file);
        case PNM -> PnmHeader.parse(file);
      };
    } catch (Bytes.EndOfFile e) {
      throw new DamagedImageException(
          "the " + kind + " is truncated: it ends within its header", e);
    }
  }

  private static Kind kind(Bytes file) {
    if (file.length() < SIGNATURE) {
      // Shorter than any image, but for a PNM of a pixel or two.
      return isPnm(file) ? Kind.PNM : null;
    }
    if (file.u16(0) == 0xFFD8 && file.u8(2) == 0xFF) {
      return Kind.JPEG;
    }
    if (file.u32(0) == 0x89504E47L && file.u32(4) == 0x0D0A1A0AL) {
      return Kind.PNG;
    }
    if (file.hasText(0, "RIFF") && file.hasText(8, "WEBP")) {
      return Kind.WEBP;
    }
    if (file.hasText(0, "GIF87a") || file.hasText(0, "GIF89a")) {
      return Kind.GIF;
    }
    if (file.u32(0) == 0x49492A00L || file.u32(0) == 0x4D4D002AL) {
      return Kind.TIFF;
    }
    if (file.hasText(0, "BM")) {
      return Kind.BMP;
    }
    return isPnm(file) ? Kind.PNM : null;
  }

  private static boolean isPnm(Bytes file) {
    return file.length() > 2
        && file.u8(0) == 'P'
        && file.u8(1) >= '1'
        && file.u8(1) <= '6'
        && (Character.isWhitespace(file.u8(2)) || file.u8(2) == '#');
  }
}
