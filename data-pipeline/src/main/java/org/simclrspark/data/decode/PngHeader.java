package org.simclrspark.data.decode;

import static org.simclrspark.data.decode.ImageHeader.u32;
import static org.simclrspark.data.decode.ImageHeader.u8;

import java.util.zip.CRC32;
import org.simclrspark.data.decode.ImageHeader.Kind;

/**
 * Walks the chunks of a PNG and checks their checksums, so that a truncated or damaged file is
 * known before it is decoded (RFC 2083, section 3).
 */
final class PngHeader {
  private static final int SIGNATURE = 8;
  private static final int HEADER_CHUNK = 0x49484452;
  private static final int TRANSPARENCY_CHUNK = 0x74524E53;
  private static final int LAST_CHUNK = 0x49454E44;

  /** Length, type and checksum. */
  private static final int FRAME = 12;

  private PngHeader() {}

  static ImageHeader parse(byte[] file) throws DamagedImageException {
    boolean transparent = false;
    long at = SIGNATURE;
    int type = 0;
    while (type != LAST_CHUNK) {
      if (at + FRAME > file.length || at + FRAME + u32(file, (int) at) > file.length) {
        throw new DamagedImageException("the PNG is truncated: its end is missing");
      }
      int length = (int) u32(file, (int) at);
      type = (int) u32(file, (int) at + 4);
      if (at == SIGNATURE && (type != HEADER_CHUNK || length != 13)) {
        throw new DamagedImageException("the PNG has no header");
      }
      CRC32 checksum = new CRC32();
      checksum.update(file, (int) at + 4, length + 4);
      if (checksum.getValue() != u32(file, (int) at + 8 + length)) {
        throw new DamagedImageException("the PNG is damaged: a checksum is wrong at byte " + at);
      }
      transparent |= type == TRANSPARENCY_CHUNK;
      at += FRAME + length;
    }
    return header(file, transparent);
  }

  private static ImageHeader header(byte[] file, boolean transparent) throws DamagedImageException {
    long width = u32(file, SIGNATURE + 8);
    long height = u32(file, SIGNATURE + 12);
    if (width < 1 || height < 1 || width > Integer.MAX_VALUE || height > Integer.MAX_VALUE) {
      throw new DamagedImageException("the PNG says it is " + width + " x " + height + " pixels");
    }
    int depth = u8(file, SIGNATURE + 16);
    int color = u8(file, SIGNATURE + 17);
    boolean simple = depth == 8 && (color == 0 || color == 2) && !transparent;
    return new ImageHeader(Kind.PNG, (int) width, (int) height, 1, simple);
  }
}
