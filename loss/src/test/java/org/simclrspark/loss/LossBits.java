package org.simclrspark.loss;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.simclrspark.loss.vector.VectorTypes;

/** The last bits of loss and gradient of fixed embeddings, on vectors of this JVM. */
final class LossBits {
  private static final int ROWS = 396;
  private static final int DIMENSION = 40;

  private LossBits() {}

  /** Prints lanes and bits. */
  public static void main(String[] arguments) throws Exception {
    System.out.println(VectorTypes.LANES + " " + ofThisJvm());
  }

  /** Of all rows and of a range, at temperatures with one shift and with a shift for each row. */
  static String ofThisJvm() throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    Embeddings z = Embeddings.of(TestEmbeddings.pairs(ROWS, DIMENSION, 0.6, 1), DIMENSION);
    for (double temperature : new double[] {0.1, 0.01}) {
      NtXent loss = new NtXent(temperature, 1);
      RowStatistics all = loss.all(z);
      add(digest, all);
      add(digest, loss.rows(z, 30, 371));
      float[] dz = new float[ROWS * DIMENSION];
      loss.gradient(z, all.logNormalisers(), dz);
      add(digest, dz);
      float[] range = new float[341 * DIMENSION];
      loss.gradient(z, all.logNormalisers(), 30, 371, range, 0);
      add(digest, range);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void add(MessageDigest digest, RowStatistics statistics) {
    double[] values =
        Arrays.copyOf(statistics.logNormalisers(), statistics.logNormalisers().length + 3);
    values[values.length - 3] = statistics.lossSum();
    values[values.length - 2] = statistics.entropySum();
    values[values.length - 1] = statistics.nearestPositives();
    ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES * values.length);
    bytes.asDoubleBuffer().put(values);
    digest.update(bytes);
  }

  private static void add(MessageDigest digest, float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length);
    bytes.asFloatBuffer().put(values);
    digest.update(bytes);
  }
}
