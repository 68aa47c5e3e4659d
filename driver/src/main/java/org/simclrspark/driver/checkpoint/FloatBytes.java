package org.simclrspark.driver.checkpoint;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Float arrays as raw little-endian bytes, and SHA-256 sums. */
public final class FloatBytes {

  private static final int CHUNK = 1 << 18;

  private FloatBytes() {}

  /** SHA-256 of the array's little-endian bytes in hexadecimal: {@code parameters_sha256}. */
  public static String sha256(float[] values) {
    MessageDigest digest = newSha256();
    ByteBuffer bytes = newBuffer(values.length);
    for (int start = 0; start < values.length; start += CHUNK) {
      int count = Math.min(CHUNK, values.length - start);
      bytes.clear().asFloatBuffer().put(values, start, count);
      digest.update(bytes.array(), 0, count * Float.BYTES);
    }
    return hex(digest);
  }

  static void write(float[] values, OutputStream out) throws IOException {
    ByteBuffer bytes = newBuffer(values.length);
    for (int start = 0; start < values.length; start += CHUNK) {
      int count = Math.min(CHUNK, values.length - start);
      bytes.clear().asFloatBuffer().put(values, start, count);
      out.write(bytes.array(), 0, count * Float.BYTES);
    }
  }

  /** Fills the array; the stream must hold at least as much. */
  static void read(InputStream in, float[] values) throws IOException {
    ByteBuffer bytes = newBuffer(values.length);
    for (int start = 0; start < values.length; start += CHUNK) {
      int count = Math.min(CHUNK, values.length - start);
      if (in.readNBytes(bytes.array(), 0, count * Float.BYTES) < count * Float.BYTES) {
        throw new EOFException("The file ends before its " + values.length + " values");
      }
      bytes.clear().asFloatBuffer().get(values, start, count);
    }
  }

  static MessageDigest newSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  private static ByteBuffer newBuffer(int values) {
    return ByteBuffer.allocate(Math.min(CHUNK, Math.max(values, 1)) * Float.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN);
  }
}
