package org.simclrspark.worker;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
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
    ByteBuffer chunk = chunk();
    for (int from = 0; from < values.length; from += CHUNK) {
      int count = Math.min(CHUNK, values.length - from);
      chunk.asFloatBuffer().put(values, from, count);
      out.write(chunk.array(), 0, count * Float.BYTES);
    }
  }

  private void readObject(ObjectInputStream in) throws IOException {
    values = new float[in.readInt()];
    ByteBuffer chunk = chunk();
    for (int from = 0; from < values.length; from += CHUNK) {
      int count = Math.min(CHUNK, values.length - from);
      in.readFully(chunk.array(), 0, count * Float.BYTES);
      chunk.asFloatBuffer().get(values, from, count);
    }
  }

  private static ByteBuffer chunk() {
    return ByteBuffer.allocate(CHUNK * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
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
