package org.simclrspark.worker.onednn;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/** Native memory that starts at a cache line, all zero at first, and is kept until closed. */
final class Buffer implements AutoCloseable {

  /** Bytes to which every part of a buffer is rounded up. */
  static final int ALIGNMENT = 64;

  private final long bytes;
  private final FloatPointer start;
  private Pointer raw;

  Buffer(long bytes) {
    this.bytes = align(Math.max(bytes, 1));
    raw = Pointer.malloc(this.bytes + ALIGNMENT);
    if (raw == null || raw.isNull()) {
      throw new IllegalStateException(
          "An engine needs "
              + this.bytes
              + " bytes of native memory at once, found less; "
              + "use smaller micro-batches or fewer concurrent tasks");
    }
    long skip = (ALIGNMENT - raw.address() % ALIGNMENT) % ALIGNMENT / Float.BYTES;
    start = new FloatPointer(raw).getPointer(skip);
    clear();
  }

  /** Makes all of it zero. */
  void clear() {
    Pointer.memset(start, 0, bytes);
  }

  static long align(long bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  long bytes() {
    return bytes;
  }

  /** Address of a part. */
  FloatPointer at(long offset) {
    return start.getPointer(offset / Float.BYTES);
  }

  /** A part, in native byte order. */
  ByteBuffer view(long offset, long length) {
    if (length > Integer.MAX_VALUE - 64) {
      throw new IllegalArgumentException(
          "An activation must stay below 2 GiB a thread, found "
              + length
              + " bytes; use smaller micro-batches");
    }
    FloatPointer part = at(offset);
    part.capacity((length + 3) / Float.BYTES);
    return part.asByteBuffer().order(ByteOrder.nativeOrder());
  }

  @Override
  public void close() {
    if (raw != null) {
      Pointer.free(raw);
      raw = null;
    }
  }
}
