package org.simclrspark.data.decode;

/** A file's bytes as unsigned numbers; an index beyond its end is an {@link EndOfFile}. */
record Bytes(byte[] bytes, boolean littleEndian) {

  /** More was to be read than is there. */
  static final class EndOfFile extends RuntimeException {
    EndOfFile(long at, int length) {
      super("Byte " + at + " of " + length);
    }
  }

  /** Big-endian numbers. */
  Bytes(byte[] bytes) {
    this(bytes, false);
  }

  int length() {
    return bytes.length;
  }

  int u8(long at) {
    return bytes[index(at)] & 0xFF;
  }

  int u16(long at) {
    return littleEndian ? u8(at) | u8(at + 1) << 8 : u8(at) << 8 | u8(at + 1);
  }

  int u24(long at) {
    return littleEndian ? u16(at) | u8(at + 2) << 16 : u16(at) << 8 | u8(at + 2);
  }

  long u32(long at) {
    return littleEndian ? u16(at) | (long) u16(at + 2) << 16 : (long) u16(at) << 16 | u16(at + 2);
  }

  /** Whether ASCII text stands somewhere; false beyond the end. */
  boolean hasText(long at, String text) {
    for (int i = 0; i < text.length(); i++) {
      if (at + i >= bytes.length || u8(at + i) != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private int index(long at) {
    if (at < 0 || at >= bytes.length) {
      throw new EndOfFile(at, bytes.length);
    }
    return (int) at;
  }
}
