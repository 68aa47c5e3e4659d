package org.simclrspark.worker.shard;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A float array that crosses the network as one block of little-endian bytes. Java writes the
 * elements of a {@code float[]} one by one, which takes seconds for the parameters of a ResNet-50.
 */
public final class RawFloats implements Serializable {

  private static final long serialVersionUID = 2;

  /**
   * Floats written at once: a second array of the whole length would cost more than the writing.
   */
  private static final int CHUNK = 16_384;

  private transient float[] values;

  /** Wraps the array; it is not copied. */
  public RawFloats(float[] values) {
    this.values = values;
  }

  /** The array itself; not to be changed. */
  public float[] values() {
    return values;
  }

  private void writeObject(ObjectOutputStream out) throws IOException {
    out.writeInt(values.length);
    write(out, values, 0, values.length);
  }

  private void readObject(ObjectInputStream in) throws IOException {
    values = new float[in.readInt()];
    read(in, values);
  }

  /** Writes {@code length} values from {@code offset} on, little-endian. */
  public static void write(OutputStream out, float[] values, int offset, int length)
      throws IOException {
    ByteBuffer chunk = chunk(length);
    int end = offset + length;
    for (int from = offset; from < end; from += CHUNK) {
      int count = Math.min(CHUNK, end - from);
      chunk.asFloatBuffer().put(values, from, count);
      out.write(chunk.array(), 0, count * Float.BYTES);
    }
  }

  /**
   * Reads little-endian values until the array is full.
   *
   * @throws EOFException if the stream ends before
   */
  public static void read(InputStream in, float[] values) throws IOException {
    ByteBuffer chunk = chunk(values.length);
    for (int from = 0; from < values.length; from += CHUNK) {
      int count = Math.min(CHUNK, values.length - from);
      int bytes = count * Float.BYTES;
      if (in.readNBytes(chunk.array(), 0, bytes) < bytes) {
        throw new EOFException("Floats are cut short, behind " + from + " of " + values.length);
      }
      chunk.asFloatBuffer().get(values, from, count);
    }
  }

  private static ByteBuffer chunk(int length) {
    return ByteBuffer.allocate(Math.min(CHUNK, length) * Float.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The bytes of {@code length} values from {@code offset} on, little-endian. */
  public static byte[] toBytes(float[] values, int offset, int length) {
    byte[] bytes = new byte[Math.multiplyExact(length, Float.BYTES)];
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .put(values, offset, length);
    return bytes;
  }

  /** Reads little-endian bytes into {@code values} from {@code offset} on. */
  public static void fromBytes(byte[] bytes, float[] values, int offset) {
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(values, offset, bytes.length / Float.BYTES);
  }
}
