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

  private static final long serialVersionUID = 1;

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
    out.writeObject(toBytes(values, 0, values.length));
  }

  private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
    byte[] bytes = (byte[]) in.readObject();
    values = new float[bytes.length / Float.BYTES];
    fromBytes(bytes, values, 0);
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
