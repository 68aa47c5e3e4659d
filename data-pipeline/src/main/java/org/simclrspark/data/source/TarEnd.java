package org.simclrspark.data.source;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Watches over the end of a tar, which readers do not: blocks of zeros, and nothing behind them.
 */
final class TarEnd extends FilterInputStream {
  private static final int BLOCK = 512;
  private static final int BUFFER = 1 << 13;

  private long position;

  /** Whether the last thing that was read as a block of its own is zeros. */
  private boolean isEnded;

  private boolean goesOn;

  TarEnd(InputStream input) {
    super(input);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int count = in.read(bytes, offset, length);
    if (count > 0) {
      position += count;
      boolean isZero = isZero(bytes, offset, count);
      goesOn = isEnded && (goesOn || !isZero);
      isEnded = isEnded || (isZero && count == BLOCK);
    }
    return count;
  }

  private static boolean isZero(byte[] bytes, int offset, int count) {
    for (int i = offset; i < offset + count; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }

  /** Skips the bytes of a member; behind the end it reads them. */
  @Override
  public long skip(long count) throws IOException {
    if (isEnded) {
      return Math.max(0, read(new byte[(int) Math.min(BUFFER, count)]));
    }
    long skipped = in.skip(count);
    position += skipped;
    return skipped;
  }

  @Override
  public boolean markSupported() {
    return false;
  }

  /** Number of bytes read so far: behind a header, where its member begins. */
  long position() {
    return position;
  }

  /** Tells that another header was found, so that zeros before were those of a member. */
  void isMember() {
    isEnded = false;
    goesOn = false;
  }

  /**
   * Reads on behind the last member.
   *
   * @throws IOException if the tar was cut off, or has another one behind it
   */
  void check() throws IOException {
    if (!isEnded) {
      throw new IOException(
          "it ends without the blocks of zeros that end a tar, so it was cut off");
    }
    byte[] rest = new byte[BUFFER];
    while (!goesOn && read(rest, 0, BUFFER) >= 0) {
      // Zeros alone are padding.
    }
    if (goesOn) {
      throw new IOException(
          "it goes on behind its end: tars that were joined by cat must be joined by tar -A, or"
              + " kept apart");
    }
  }
}
