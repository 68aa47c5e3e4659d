package org.simclrspark.data.decode;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.simclrspark.data.decode.ImageHeader.Kind;

/** Reads the header of a BMP, of Windows or OS/2, and corrects the sizes in it. */
final class BmpHeader {
  private static final int FILE_SIZE = 2;
  private static final int OFFSET = 10;
  private static final int INFO = 14;
  private static final int OS2_INFO_BYTES = 12;
  private static final int INFO_BYTES = 40;
  private static final int RLE8 = 1;
  private static final int RLE4 = 2;
  private static final int MASKS = 3;

  private BmpHeader() {}

  static ImageHeader parse(byte[] file) throws DamagedImageException {
    Bytes bytes = new Bytes(file, true);
    long offset = bytes.u32(OFFSET);
    long info = bytes.u32(INFO);
    if (info == OS2_INFO_BYTES) {
      int width = bytes.u16(INFO + 4);
      int height = bytes.u16(INFO + 6);
      checkRows(bytes, offset, width, height, bytes.u16(INFO + 10));
      return ImageHeader.of(Kind.BMP, width, height, file);
    }
    if (info < INFO_BYTES || info > 124 || INFO + info > file.length) {
      throw new DamagedImageException("the BMP has a header of " + info + " bytes");
    }
    int width = (int) bytes.u32(INFO + 4);
    long height = Math.abs((long) (int) bytes.u32(INFO + 8));
    int bits = bytes.u16(INFO + 14);
    long compression = bytes.u32(INFO + 16);
    boolean runs = compression == RLE8 || compression == RLE4;
    if (!runs && compression != 0 && compression != MASKS) {
      throw new DamagedImageException("the BMP has the unknown compression " + compression);
    }
    if (runs) {
      checkRuns(bytes, offset, height, compression == RLE4);
    } else {
      checkRows(bytes, offset, width, height, bits);
    }
    if (offset > file.length || bytes.u32(INFO + 32) > 1L << Math.min(bits, 8)) {
      throw new DamagedImageException("the BMP has a damaged header");
    }
    ByteBuffer corrected = ByteBuffer.wrap(file.clone()).order(ByteOrder.LITTLE_ENDIAN);
    corrected.putInt(FILE_SIZE, file.length);
    corrected.putInt(INFO + 20, file.length - (int) offset);
    return ImageHeader.of(Kind.BMP, width, height, corrected.array());
  }

  /** Run-length encoded data must come to their end mark, or to the last row. */
  private static void checkRuns(Bytes bytes, long offset, long height, boolean nibbles)
      throws DamagedImageException {
    long at = offset;
    long row = 0;
    while (row < height) {
      if (at + 2 > bytes.length()) {
        throw new DamagedImageException(
            "the BMP is truncated: its data end in row " + row + " of " + height);
      }
      int count = bytes.u8(at);
      int value = bytes.u8(at + 1);
      at += 2;
      if (count > 0) {
        continue;
      }
      switch (value) {
        case 0 -> row++;
        case 1 -> row = height;
        case 2 -> {
          row += bytes.u8(at + 1);
          at += 2;
        }
        default -> at += (nibbles ? (value + 3) / 4 : (value + 1) / 2) * 2L;
      }
    }
  }

  private static void checkRows(Bytes bytes, long offset, int width, long height, int bits)
      throws DamagedImageException {
    if (bits != 1 && bits != 4 && bits != 8 && bits != 16 && bits != 24 && bits != 32) {
      throw new DamagedImageException("the BMP has " + bits + " bits a pixel");
    }
    long row = ((long) width * bits + 31) / 32 * 4;
    if (height > 0 && row > (bytes.length() - offset) / height) {
      throw new DamagedImageException(
          "the BMP is truncated: it says it is "
              + width
              + " x "
              + height
              + " pixels, but only "
              + Math.max(0, bytes.length() - offset)
              + " bytes are there");
    }
  }
}
