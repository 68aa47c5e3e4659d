package org.simclrspark.loss;

import java.util.Arrays;
import org.simclrspark.loss.vector.Exponential;

/**
 * What a pass over the similarities collects for each row of a range, over all columns but the row
 * itself and its positive.
 */
public final class RowSums {
  private final int first;
  private final TemperatureScale scale;

  /** Sum of 2^(BIAS + scale * dot - shift). */
  public final double[] sums;

  /** Sum of dot * 2^(BIAS + scale * dot - shift). */
  public final double[] weightedSums;

  /** The shift of each row, an integer. */
  public final float[] shifts;

  /** Negative as long as each inner product was less than that with the positive. */
  public final int[] nearerPositive;

  public RowSums(TemperatureScale scale, int first, int rows) {
    this.first = first;
    this.scale = scale;
    this.sums = new double[rows];
    this.weightedSums = new double[rows];
    this.shifts = new float[rows];
    this.nearerPositive = new int[rows];
    Arrays.fill(shifts, scale.hasCommonShift() ? scale.commonShift() : Float.NEGATIVE_INFINITY);
    Arrays.fill(nearerPositive, -1);
  }

  public int first() {
    return first;
  }

  public int rows() {
    return sums.length;
  }

  /** Makes the shift of a row at least this. */
  public void raiseShift(int row, float shift) {
    int at = row - first;
    if (shift > shifts[at]) {
      double factor = Math.pow(2, shifts[at] - shift);
      sums[at] *= factor;
      weightedSums[at] *= factor;
      shifts[at] = shift;
    }
  }

  /** Adds the sums of a tile's row, or column, under the shift of the row. */
  public void add(int row, double sum, double weightedSum, int nearer) {
    int at = row - first;
    sums[at] += sum;
    weightedSums[at] += weightedSum;
    nearerPositive[at] &= nearer;
  }

  /** Adds the sums of the same rows over other columns. */
  public void add(RowSums other) {
    for (int at = 0; at < sums.length; at++) {
      raiseShift(first + at, other.shifts[at]);
      double factor = Math.pow(2, other.shifts[at] - shifts[at]);
      add(
          first + at,
          factor * other.sums[at],
          factor * other.weightedSums[at],
          other.nearerPositive[at]);
    }
  }

  /** Finishes the rows from {@code from} to {@code to}, which all columns have been added to. */
  public RowStatistics statistics(Embeddings z, int from, int to) {
    RowStatistics.Builder statistics = new RowStatistics.Builder(from, to);
    for (int row = from; row < to; row++) {
      int at = row - first;
      statistics.add(
          scale.similarity(z.positiveDot(row)),
          (shifts[at] - Exponential.BIAS) * Math.log(2),
          sums[at],
          scale.similarity(weightedSums[at]),
          nearerPositive[at] < 0);
    }
    return statistics.build();
  }
}
