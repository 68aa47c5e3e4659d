package org.simclrspark.data.source;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.apache.hadoop.fs.FSDataInputStream;

/** A part of a file, read on from any place of it, in large requests. */
final class PageInput extends InputStream {
  private static final int WINDOW = 1 << 20;

  private final FSDataInputStream input;
  private final long end;
  private byte[] window = new byte[0];
  private long windowStart;
  private long position;

  /**
   * @param start first byte of the part
   * @param end the byte behind the last
   */
  PageInput(FSDataInputStream input, long start, long end) {
    this.input = input;
    this.windowStart = start;
    this.position = start;
    this.end = end;
  }

  long position() {
    return position;
  }

  void seek(long to) {
    position = to;
  }

  @Override
  public int read() throws IOException {
    return fill() == 0 ? -1 : window[(int) (position++ - windowStart)] & 0xFF;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    int there = fill();
    if (length == 0 || there == 0) {
      return length == 0 ? 0 : -1;
    }
    int count = Math.min(length, there);
    System.arraycopy(window, (int) (position - windowStart), bytes, offset, count);
    position += count;
    return count;
  }

  /** Four bytes, lowest first, as Parquet writes lengths. */
  int readInt() throws IOException {
    byte[] bytes = readNBytes(4);
    if (bytes.length < 4) {
      throw new EOFException("a page ends within a value");
    }
    return (bytes[0] & 0xFF)
        | (bytes[1] & 0xFF) << 8
        | (bytes[2] & 0xFF) << 16
        | (bytes[3] & 0xFF) << 24;
  }

  /** Bytes that lie ready from the position on; 0 at the end. */
  private int fill() throws IOException {
    if (position >= end) {
      return 0;
    }
    if (position < windowStart || position >= windowStart + window.length) {
      window = new byte[(int) Math.min(WINDOW, end - position)];
      input.readFully(position, window);
      windowStart = position;
    }
    return (int) (windowStart + window.length - position);
  }
}
