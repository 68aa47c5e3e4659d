package org.simclrspark.loss.statistics;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.simclrspark.loss.Embeddings;

/**
 * How much of the unit sphere the embeddings of a batch fill, to show collapse.
 *
 * @param standardDeviation mean over dimensions of the standard deviation of the unit vectors: 0
 *     where all are the same, about 1 / sqrt(d) where they are spread evenly
 * @param effectiveRank exp of the entropy of the singular values of the matrix of unit vectors [N,
 *     d], divided by their sum: from 1 to d. Roy and Vetterli, The effective rank (2007)
 * @param spectrum those shares of the singular values, [d], the largest first; all 0 where all rows
 *     are zero. After a collapse of dimensions most are near 0
 * @param zeros rows that are the zero vector
 * @param firstZero the first of them, or -1
 */
public record EmbeddingStatistics(
    double standardDeviation,
    double effectiveRank,
    List<Double> spectrum,
    int zeros,
    int firstZero) {

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
    double[] shares = shares(products);
    return new EmbeddingStatistics(
        deviations / dimension,
        effectiveRank(shares),
        Arrays.stream(shares).boxed().sorted(Comparator.reverseOrder()).toList(),
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
        z.copyUnit(row, unit);
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
      z.copyUnit(row, unit);
      for (int k = 0; k < unit.length; k++) {
        squares[k] += (unit[k] - mean[k]) * (unit[k] - mean[k]);
      }
    }
    return squares;
  }

  /**
   * The singular values of the matrix A divided by their sum, in no particular order.
   *
   * @param products A^T A, lower triangle; overwritten
   */
  private static double[] shares(double[][] products) {
    double[] shares = SymmetricEigenvalues.of(products);
    double sum = 0;
    for (int k = 0; k < shares.length; k++) {
      shares[k] = Math.sqrt(Math.max(0, shares[k]));
      sum += shares[k];
    }
    for (int k = 0; k < shares.length; k++) {
      shares[k] = sum == 0 ? 0 : shares[k] / sum;
    }
    return shares;
  }

  private static double effectiveRank(double[] shares) {
    double entropy = 0;
    for (double share : shares) {
      if (share > 0) {
        entropy -= share * Math.log(share);
      }
    }
    return Math.exp(entropy);
  }
}
