package org.simclrspark.data.decode;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Finds the orientation in an EXIF block: tag 0x0112 of the first directory (EXIF 2.3, 4.6.4). */
final class Exif {
  private static final int ORIENTATION = 0x0112;
  private static final int ENTRY = 12;

  private Exif() {}

  /**
   * The orientation, or the one known so far if the block has none or is damaged.
   *
   * @param offset of the block's identifier, "Exif"
   */
  static int orientation(byte[] file, int offset, int length, int known) {
    if (length < 14 || ImageHeader.u32(file, offset) != 0x45786966L) {
      return known;
    }
    ByteBuffer tiff = ByteBuffer.wrap(file, offset + 6, length - 6).slice();
    int order = tiff.getShort(0) & 0xFFFF;
    if (order != 0x4949 && order != 0x4D4D) {
      return known;
    }
    tiff.order(order == 0x4949 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    int directory = tiff.getInt(4);
    if (directory < 8 || directory > tiff.limit() - 2) {
      return known;
    }
    int entries = tiff.getShort(directory) & 0xFFFF;
    for (int i = 0; i < entries; i++) {
      int entry = directory + 2 + i * ENTRY;
      if (entry > tiff.limit() - ENTRY) {
        return known;
      }
      if ((tiff.getShort(entry) & 0xFFFF) == ORIENTATION) {
        int value = tiff.getShort(entry + 8) & 0xFFFF;
        return value >= 1 && value <= 8 ? value : known;
      }
    }
    return known;
  }
}
