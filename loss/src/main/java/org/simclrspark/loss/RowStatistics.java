package org.simclrspark.loss;

import java.io.Serial;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * The loss and its by-products over a range of rows of a batch.
 *
 * <p>Sums over rows are kept, so that the parts of a batch can be put together: {@link
 * #concatenate}.
 */
public final class RowStatistics implements Serializable {
  @Serial private static final long serialVersionUID = 1;

  private final int from;
  private final double[] logNormalisers;
  private final double lossSum;
  private final int nearestPositives;
  private final double entropySum;

  RowStatistics(
      int from, double[] logNormalisers, double lossSum, int nearestPositives, double entropySum) {
    this.from = from;
    this.logNormalisers = logNormalisers;
    this.lossSum = lossSum;
    this.nearestPositives = nearestPositives;
    this.entropySum = entropySum;
  }

  /** Collects the rows of a range, in their order. */
  public static final class Builder {
    private final int from;
    private final double[] logNormalisers;
    private int rows;
    private double lossSum;
    private int nearestPositives;
    private double entropySum;

    /** For the rows from {@code from} to {@code to}, the row after the last one. */
    public Builder(int from, int to) {
      this.from = from;
      this.logNormalisers = new double[to - from];
    }

    /**
     * Adds the next row i, from sums over all columns j but i and its positive.
     *
     * @param positive S_{i,i^1}
     * @param shift in natural units
     * @param sum of exp(S_ij - shift)
     * @param weightedSum of S_ij exp(S_ij - shift)
     * @param isNearest whether the positive is nearer than each of these columns
     */
    public void add(
        double positive, double shift, double sum, double weightedSum, boolean isNearest) {
      double logOthers = Math.log(sum) + shift - positive;
      double loss = logOthers > 40 ? logOthers : Math.log1p(Math.exp(logOthers));
      double logNormaliser = positive + loss;
      double meanSimilarity =
          positive * Math.exp(-loss) + weightedSum * Math.exp(shift - logNormaliser);
      logNormalisers[rows++] = logNormaliser;
      lossSum += loss;
      entropySum += logNormaliser - meanSimilarity;
      if (isNearest) {
        nearestPositives++;
      }
    }

    /** The statistics of the range, all of whose rows have been added. */
    public RowStatistics build() {
      return new RowStatistics(from, logNormalisers, lossSum, nearestPositives, entropySum);
    }
  }

  /**
   * The statistics of several ranges of the same batch, as one.
   *
   * @param parts ranges that follow each other without gap, in any order; sums are taken in the
   *     order of rows
   * @throws IllegalArgumentException if there is none, a gap or an overlap
   */
  public static RowStatistics concatenate(List<RowStatistics> parts) {
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("Invalid row ranges, must be at least one, found none");
    }
    List<RowStatistics> sorted =
        parts.stream().sorted(Comparator.comparingInt(RowStatistics::from)).toList();
    int from = sorted.get(0).from();
    double[] logNormalisers = new double[parts.stream().mapToInt(RowStatistics::rows).sum()];
    double lossSum = 0;
    double entropySum = 0;
    int nearestPositives = 0;
    int row = from;
    for (RowStatistics part : sorted) {
      if (part.from() != row) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "Invalid row ranges, must follow each other, found rows %d to %d where row %d begins",
                part.from(),
                part.to(),
                row));
      }
      System.arraycopy(part.logNormalisers, 0, logNormalisers, row - from, part.rows());
      lossSum += part.lossSum;
      entropySum += part.entropySum;
      nearestPositives += part.nearestPositives;
      row = part.to();
    }
    return new RowStatistics(from, logNormalisers, lossSum, nearestPositives, entropySum);
  }

  /** The first row. */
  public int from() {
    return from;
  }

  /** The row after the last one. */
  public int to() {
    return from + logNormalisers.length;
  }

  /** The number of rows. */
  public int rows() {
    return logNormalisers.length;
  }

  /** The log-normaliser of each row, lse_i, in natural units; a copy. */
  public double[] logNormalisers() {
    return Arrays.copyOf(logNormalisers, logNormalisers.length);
  }

  /** Sum over rows of lse_i - S_{i,i^1}. */
  public double lossSum() {
    return lossSum;
  }

  /** Mean over rows of lse_i - S_{i,i^1}: the loss L, if these are all rows of a batch. */
  public double meanLoss() {
    return lossSum / rows();
  }

  /** The number of rows whose positive is nearer than each of the other 2K - 2 rows. */
  public int nearestPositives() {
    return nearestPositives;
  }

  /** The share of rows whose positive is nearer than each of the other 2K - 2 rows, in [0, 1]. */
  public double contrastiveAccuracy() {
    return (double) nearestPositives / rows();
  }

  /** Sum over rows of the entropy of P_i over the other 2K - 1 rows, in natural units. */
  public double entropySum() {
    return entropySum;
  }

  /** Mean over rows of the entropy of P_i, in natural units: from 0 to ln(2K - 1). */
  public double contrastiveEntropy() {
    return entropySum / rows();
  }
}
