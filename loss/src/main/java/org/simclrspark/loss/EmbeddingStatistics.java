package org.simclrspark.loss;

import static org.simclrspark.loss.Embeddings.PANEL;

import java.util.List;
import java.util.stream.IntStream;

/**
 * How much of the unit sphere the embeddings of a batch fill, to show collapse.
 *
 * @param standardDeviation mean over dimensions of the standard deviation of the unit vectors: 0
 *     where all are the same, about 1 / sqrt(d) where they are spread evenly
 * @param effectiveRank exp of the entropy of the singular values of the matrix of unit vectors [N,
 *     d], divided by their sum: from 1 to d. Roy and Vetterli, The effective rank (2007)
 * @param zeros rows that are the zero vector
 * @param firstZero the first of them, or -1
 */
public record EmbeddingStatistics(
    double standardDeviation, double effectiveRank, int zeros, int firstZero) {

  /** Rows that one thread sums; the sums are added in their order, whoever has formed them. */
  private static final int ROWS_IN_CHUNK = 1024;

  private static final long BYTES_OF_SUMS = 64L << 20;

  /** Computes the statistics in double precision, in N d^2 steps that all cores share. */
  public static EmbeddingStatistics of(Embeddings z) {
    int dimension = z.dimension();
    List<Sums> sums = overChunks(z, (from, to) -> Sums.of(z, from, to));
    double[] mean = new double[dimension];
    double[][] products = new double[dimension][dimension];
    for (Sums ofChunk : sums) {
      for (int a = 0; a < dimension; a++) {
        mean[a] += ofChunk.units[a] / z.rows();
        for (int b = 0; b <= a; b++) {
          products[a][b] += ofChunk.products[a][b];
        }
      }
    }
    double[] variance = new double[dimension];
    for (double[] squares : overChunks(z, (from, to) -> squaredDeviations(z, from, to, mean))) {
      for (int k = 0; k < dimension; k++) {
        variance[k] += squares[k] / z.rows();
      }
    }
    double deviations = 0;
    for (double value : variance) {
      deviations += Math.sqrt(value);
    }
    int[] zeros = IntStream.range(0, z.rows()).filter(row -> z.norm(row) == 0).toArray();
    return new EmbeddingStatistics(
        deviations / dimension,
        effectiveRank(products),
        zeros.length,
        zeros.length == 0 ? -1 : zeros[0]);
  }

  /** Of rows {@code from} to {@code to} (exclusive). */
  @FunctionalInterface
  private interface OfRows<T> {
    T of(int from, int to);
  }

  private static <T> List<T> overChunks(Embeddings z, OfRows<T> ofRows) {
    long bytes = (long) Double.BYTES * z.dimension() * z.dimension();
    long most = Math.max(1, BYTES_OF_SUMS / bytes);
    int rows = z.rows();
    int chunks = (int) Math.max(1, Math.min(most, rows / ROWS_IN_CHUNK));
    return IntStream.range(0, chunks)
        .parallel()
        .mapToObj(
            chunk ->
                ofRows.of(
                    (int) ((long) rows * chunk / chunks),
                    (int) ((long) rows * (chunk + 1) / chunks)))
        .toList();
  }

  /** Sums of unit vectors [d] and of their products [d, d], lower triangle. */
  private record Sums(double[] units, double[][] products) {

    static Sums of(Embeddings z, int from, int to) {
      int dimension = z.dimension();
      double[] unit = new double[dimension];
      double[] units = new double[dimension];
      double[][] products = new double[dimension][dimension];
      for (int row = from; row < to; row++) {
        copyUnit(z, row, unit);
        for (int a = 0; a < dimension; a++) {
          units[a] += unit[a];
          double[] product = products[a];
          double value = unit[a];
          for (int b = 0; b <= a; b++) {
            product[b] += value * unit[b];
          }
        }
      }
      return new Sums(units, products);
    }
  }

  private static double[] squaredDeviations(Embeddings z, int from, int to, double[] mean) {
    double[] unit = new double[mean.length];
    double[] squares = new double[mean.length];
    for (int row = from; row < to; row++) {
      copyUnit(z, row, unit);
      for (int k = 0; k < unit.length; k++) {
        squares[k] += (unit[k] - mean[k]) * (unit[k] - mean[k]);
      }
    }
    return squares;
  }

  private static void copyUnit(Embeddings z, int row, double[] unit) {
    float[] panels = z.dimensionPanels();
    for (int begin = 0; begin < unit.length; begin += PANEL) {
      int at = z.dimensionPanel(begin / PANEL, row);
      int end = Math.min(PANEL, unit.length - begin);
      for (int k = 0; k < end; k++) {
        unit[begin + k] = panels[at + k];
      }
    }
  }

  /** Of the matrix A, from its products A^T A (lower triangle; overwritten). */
  private static double effectiveRank(double[][] products) {
    double[] singular = SymmetricEigenvalues.of(products);
    double sum = 0;
    for (int k = 0; k < singular.length; k++) {
      singular[k] = Math.sqrt(Math.max(0, singular[k]));
      sum += singular[k];
    }
    if (sum == 0) {
      return 1;
    }
    double entropy = 0;
    for (double value : singular) {
      if (value > 0) {
        entropy -= value / sum * Math.log(value / sum);
      }
    }
    return Math.exp(entropy);
  }
}
