package org.simclrspark.data.decode;

import java.util.Arrays;

/** Finds the orientation in an EXIF block: tag 0x0112 of the first directory (EXIF 2.3, 4.6.4). */
final class Exif {
  private static final int ORIENTATION = 0x0112;
  private static final int ENTRY = 12;
  private static final int SHORT = 3;
  private static final int LONG = 4;

  private Exif() {}

  /**
   * The orientation, 1 if the block has none or is damaged.
   *
   * @param file that holds the block
   * @param from first byte of the block: its TIFF header, or the identifier "Exif" before that
   * @param to the byte behind it
   */
  static int orientation(byte[] file, int from, int to) {
    byte[] block = Arrays.copyOfRange(file, from, to);
    int start = new Bytes(block).hasText(0, "Exif\0") ? 6 : 0;
    Bytes tiff = new Bytes(block, new Bytes(block).hasText(start, "II"));
    if (!tiff.littleEndian() && !tiff.hasText(start, "MM")) {
      return 1;
    }
    try {
      long directory = start + tiff.u32(start + 4);
      int entries = tiff.u16(directory);
      for (int i = 0; i < entries; i++) {
        long entry = directory + 2 + (long) i * ENTRY;
        if (tiff.u16(entry) == ORIENTATION) {
          return value(tiff, entry);
        }
      }
    } catch (Bytes.EndOfFile damaged) {
      return 1;
    }
    return 1;
  }

  private static int value(Bytes tiff, long entry) {
    long value =
        switch (tiff.u16(entry + 2)) {
          case SHORT -> tiff.u16(entry + 8);
          case LONG -> tiff.u32(entry + 8);
          default -> 1;
        };
    return checked(value);
  }

  /** An orientation that means something, else 1. */
  static int checked(long value) {
    return value >= 1 && value <= 8 ? (int) value : 1;
  }
}
