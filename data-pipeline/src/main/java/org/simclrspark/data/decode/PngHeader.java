package org.simclrspark.data.decode;

import java.util.Arrays;
import java.util.zip.CRC32;
import org.simclrspark.data.decode.ImageHeader.Kind;

/**
 * Walks the chunks of a PNG and checks their checksums, so that a damaged file is known before it
 * is decoded (RFC 2083, section 3). The decoder gets the chunks that make pixels and no others.
 */
final class PngHeader {
  private static final int SIGNATURE = 8;
  private static final int HEADER_CHUNK = 0x49484452;
  private static final int PALETTE_CHUNK = 0x504C5445;
  private static final int TRANSPARENCY_CHUNK = 0x74524E53;
  private static final int EXIF_CHUNK = 0x65584966;
  private static final int DATA_CHUNK = 0x49444154;
  private static final int LAST_CHUNK = 0x49454E44;

  /** Of a pixel, by colour type: gray, -, RGB, palette, gray and alpha, -, RGB and alpha. */
  private static final int[] CHANNELS = {1, 1, 3, 1, 2, 1, 4};

  /** A byte of deflated data stands for 1032 bytes at most. */
  private static final long MOST_INFLATION = 1032;

  /** Length, type and checksum. */
  private static final int FRAME = 12;

  private static final byte[] END = {0, 0, 0, 0, 'I', 'E', 'N', 'D', -82, 66, 96, -126};

  private final byte[] file;
  private final Bytes bytes;
  private final byte[] kept;
  private int keptLength;
  private int orientation = 1;
  private boolean transparent;
  private String repair;

  private PngHeader(byte[] file) {
    this.file = file;
    this.bytes = new Bytes(file);
    this.kept = new byte[file.length + Integer.BYTES + END.length];
  }

  static ImageHeader parse(byte[] file) throws DamagedImageException {
    return new PngHeader(file).parse();
  }

  private ImageHeader parse() throws DamagedImageException {
    keep(0, SIGNATURE);
    long at = SIGNATURE;
    int type = 0;
    while (type != LAST_CHUNK) {
      long length = at + FRAME <= file.length ? bytes.u32(at) : Long.MAX_VALUE;
      if (length > file.length - at - FRAME) {
        // Whether all pixels are there shows when they are decoded.
        repair = "its end chunk is missing";
        keepPart((int) at);
        break;
      }
      type = (int) bytes.u32(at + 4);
      if (at == SIGNATURE && (type != HEADER_CHUNK || length != 13)) {
        throw new DamagedImageException("the PNG has no header");
      }
      if (type != LAST_CHUNK) {
        read((int) at, type, (int) length);
      }
      at += FRAME + length;
    }
    System.arraycopy(END, 0, kept, keptLength, END.length);
    return header(Arrays.copyOf(kept, keptLength + END.length));
  }

  private void read(int at, int type, int length) throws DamagedImageException {
    CRC32 checksum = new CRC32();
    checksum.update(file, at + 4, length + 4);
    boolean intact = checksum.getValue() == bytes.u32(at + 8 + length);
    boolean pixels =
        type == HEADER_CHUNK
            || type == PALETTE_CHUNK
            || type == TRANSPARENCY_CHUNK
            || type == DATA_CHUNK;
    if (!intact) {
      if (pixels) {
        throw new DamagedImageException("the PNG is damaged: a checksum is wrong at byte " + at);
      }
      repair = "a checksum that pixels do not need is wrong at byte " + at;
      return;
    }
    if (pixels) {
      keep(at, FRAME + length);
    }
    transparent |= type == TRANSPARENCY_CHUNK;
    if (type == EXIF_CHUNK) {
      orientation = Exif.orientation(file, at + 8, at + 8 + length);
    }
  }

  private void keep(int from, int length) {
    System.arraycopy(file, from, kept, keptLength, length);
    keptLength += length;
  }

  /** What is there of a cut chunk of pixels, as a whole one. */
  private void keepPart(int at) {
    int length = file.length - at - 8;
    if (length <= 0 || (int) bytes.u32(at + 4) != DATA_CHUNK) {
      return;
    }
    int start = keptLength;
    keep(at, 8 + length);
    CRC32 checksum = new CRC32();
    checksum.update(file, at + 4, length + 4);
    put(start, length);
    put(keptLength, (int) checksum.getValue());
    keptLength += Integer.BYTES;
  }

  private void put(int at, int value) {
    for (int i = 0; i < Integer.BYTES; i++) {
      kept[at + i] = (byte) (value >>> (24 - 8 * i));
    }
  }

  private ImageHeader header(byte[] data) throws DamagedImageException {
    int depth = bytes.u8(SIGNATURE + 16);
    int color = bytes.u8(SIGNATURE + 17);
    ImageHeader header =
        ImageHeader.of(Kind.PNG, bytes.u32(SIGNATURE + 8), bytes.u32(SIGNATURE + 12), data);
    long bits = (long) header.width() * header.height() * depth * CHANNELS[color % CHANNELS.length];
    if (bits / 8 > MOST_INFLATION * data.length) {
      throw new DamagedImageException(
          "the PNG is truncated: it says it is "
              + header.width()
              + " x "
              + header.height()
              + " pixels, more than "
              + data.length
              + " bytes can hold");
    }
    return header
        .oriented(orientation)
        .simple(depth == 8 && (color == 0 || color == 2) && !transparent)
        .repaired(repair);
  }
}
