package org.simclrspark.worker.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_sgemm;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import org.bytedeco.javacpp.FloatPointer;
import org.simclrspark.worker.engine.Team;

/**
 * Softmax regression on blocks of rows: logits, cross-entropy and its gradient, as oneDNN's matrix
 * products.
 *
 * <p>Rows are taken {@value #ROWS} at a time. Threads share their logits by rows and their gradient
 * by columns, cut in the same places whatever the number of threads, which the bits therefore do
 * not depend on.
 */
public final class SoftmaxTiles implements AutoCloseable {

  /** Rows whose gradient is one product. */
  private static final int ROWS = 1024;

  /** Rows whose logits are one product, by one thread. */
  private static final int ROWS_OF_THREAD = 256;

  /** Columns of the gradient that are one product, by one thread. */
  private static final int COLUMNS_OF_THREAD = 128;

  private final int classes;
  private final int size;
  private final float[] biases;
  private final Team team;
  private final Buffer weights;
  private final Buffer rows;
  private final Buffer logits;
  private final Buffer gradient;
  private final double[] losses = new double[ROWS / ROWS_OF_THREAD];
  private final long[] right = new long[ROWS / ROWS_OF_THREAD];

  /**
   * The loss of a block of rows.
   *
   * @param loss the sum of the rows' cross-entropies, in nats
   * @param weights its gradient, [classes, size]
   * @param biases its gradient, [classes]
   */
  public record Loss(double loss, float[] weights, float[] biases) {}

  /**
   * Starts the threads, with a classifier of zeros.
   *
   * @param size values of a row
   * @param threads that share a block, at least 1
   * @param prepareThread runs once on each of them, to limit native libraries to that thread
   */
  public SoftmaxTiles(int classes, int size, int threads, Runnable prepareThread) {
    this.classes = classes;
    this.size = size;
    this.biases = new float[classes];
    this.team = new Team(threads, prepareThread);
    this.weights = new Buffer(bytes(classes, size));
    this.rows = new Buffer(bytes(ROWS, size));
    this.logits = new Buffer(bytes(ROWS, classes));
    this.gradient = new Buffer(bytes(classes, size));
  }

  /**
   * Takes a copy of a classifier.
   *
   * @param newWeights [classes, size]
   * @param newBiases [classes]
   */
  public void load(float[] newWeights, float[] newBiases) {
    floats(weights, classes * size).put(newWeights);
    System.arraycopy(newBiases, 0, biases, 0, classes);
  }

  /** Cross-entropy of a block of rows, and its gradient. */
  public Loss loss(ProductTiles.Vectors block, IntUnaryOperator labels, int count) {
    float[] ofWeights = new float[classes * size];
    double[] ofBiases = new double[classes];
    double[] sum = new double[1];
    team.run(
        member -> {
          for (int from = 0; from < count; from += ROWS) {
            int inTile = Math.min(ROWS, count - from);
            errors(block, labels, from, inTile, member);
            team.meet();
            gradient(member, inTile, from == 0 ? 0 : 1);
            if (member == 0) {
              sum[0] += Arrays.stream(losses).sum();
              addColumns(inTile, ofBiases);
            }
            team.meet();
          }
          for (int row = member; row < classes && count > 0; row += team.size()) {
            floats(gradient, classes * size).get(row * size, ofWeights, row * size, size);
          }
        });
    float[] rounded = new float[classes];
    for (int c = 0; c < classes; c++) {
      rounded[c] = (float) ofBiases[c];
    }
    return new Loss(sum[0], ofWeights, rounded);
  }

  /** How many rows of a block have their greatest logit at their label; of equals the first. */
  public long right(ProductTiles.Vectors block, IntUnaryOperator labels, int count) {
    long[] sum = new long[1];
    team.run(
        member -> {
          for (int from = 0; from < count; from += ROWS) {
            errors(block, labels, from, Math.min(ROWS, count - from), member);
            team.meet();
            if (member == 0) {
              sum[0] += Arrays.stream(right).sum();
            }
            team.meet();
          }
        });
    return sum[0];
  }

  /** A member's share of a tile: its rows, losses, and softmax less the label's indicator. */
  private void errors(
      ProductTiles.Vectors block, IntUnaryOperator labels, int from, int inTile, int member) {
    float[] vector = new float[size];
    float[] errors = new float[classes];
    FloatBuffer allRows = floats(rows, ROWS * size);
    FloatBuffer allErrors = floats(logits, ROWS * classes);
    for (int part = member; part < losses.length; part += team.size()) {
      losses[part] = 0;
      right[part] = 0;
      int first = part * ROWS_OF_THREAD;
      int end = Math.min(first + ROWS_OF_THREAD, inTile);
      if (first >= end) {
        continue;
      }
      for (int row = first; row < end; row++) {
        block.copy(from + row, vector);
        allRows.put(row * size, vector);
      }
      FloatPointer products = at(logits, (long) first * classes);
      FloatPointer theirs = at(rows, (long) first * size);
      FloatPointer all = at(weights, 0);
      multiply('N', 'T', end - first, classes, size, theirs, size, all, size, 0, products, classes);
      for (int row = first; row < end; row++) {
        allErrors.get(row * classes, errors);
        int label = labels.applyAsInt(from + row);
        losses[part] += softmaxLess(label, errors, part);
        allErrors.put(row * classes, errors);
      }
    }
  }

  /** Turns a row's products into its errors, and returns its cross-entropy. */
  private double softmaxLess(int label, float[] products, int part) {
    int best = 0;
    for (int c = 0; c < classes; c++) {
      products[c] += biases[c];
      best = products[c] > products[best] ? c : best;
    }
    right[part] += best == label ? 1 : 0;
    float greatest = products[best];
    double ofLabel = (double) products[label] - greatest;
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      double exponential = Math.exp(products[c] - greatest);
      products[c] = (float) exponential;
      sum += exponential;
    }
    float scale = (float) (1 / sum);
    for (int c = 0; c < classes; c++) {
      products[c] *= scale;
    }
    products[label] -= 1;
    return Math.log(sum) - ofLabel;
  }

  /** A member's columns of the gradient. */
  private void gradient(int member, int inTile, float beta) {
    int step = COLUMNS_OF_THREAD;
    for (int from = member * step; from < size; from += team.size() * step) {
      int columns = Math.min(step, size - from);
      FloatPointer errors = at(logits, 0);
      FloatPointer theirs = at(rows, from);
      FloatPointer sums = at(gradient, from);
      multiply('T', 'N', classes, columns, inTile, errors, classes, theirs, size, beta, sums, size);
    }
  }

  private void addColumns(int inTile, double[] sums) {
    float[] errors = new float[classes];
    FloatBuffer all = floats(logits, ROWS * classes);
    for (int row = 0; row < inTile; row++) {
      all.get(row * classes, errors);
      for (int c = 0; c < classes; c++) {
        sums[c] += errors[c];
      }
    }
  }

  /** {@code c = a b + beta c}, row-major. */
  private static void multiply(
      char transposeA,
      char transposeB,
      int m,
      int n,
      int k,
      FloatPointer a,
      int lda,
      FloatPointer b,
      int ldb,
      float beta,
      FloatPointer c,
      int ldc) {
    OneDnn.check(
        dnnl_sgemm((byte) transposeA, (byte) transposeB, m, n, k, 1f, a, lda, b, ldb, beta, c, ldc),
        "multiply matrices");
  }

  private static FloatPointer at(Buffer buffer, long index) {
    return buffer.at(index * Float.BYTES);
  }

  private static FloatBuffer floats(Buffer buffer, int count) {
    return buffer.view(0, (long) count * Float.BYTES).asFloatBuffer();
  }

  private static long bytes(int count, int length) {
    return (long) count * length * Float.BYTES;
  }

  @Override
  public void close() {
    team.close();
    weights.close();
    rows.close();
    logits.close();
    gradient.close();
  }
}
