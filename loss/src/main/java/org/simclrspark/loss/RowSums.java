package org.simclrspark.loss;

import java.util.Arrays;

/**
 * What a pass over the similarities collects for each row of a range, over all columns but the row
 * itself and its positive.
 */
final class RowSums {
  private final int first;
  private final TemperatureScale scale;

  /** Sum of 2^(BIAS + scale * dot - shift). */
  final double[] sums;

  /** Sum of dot * 2^(BIAS + scale * dot - shift). */
  final double[] weightedSums;

  /** The shift of each row, an integer. */
  final float[] shifts;

  /** The largest inner product. */
  final float[] nearest;

  /** The inner product with the positive, as the pass computes it. */
  final float[] positives;

  RowSums(TemperatureScale scale, int first, int rows) {
    this.first = first;
    this.scale = scale;
    this.sums = new double[rows];
    this.weightedSums = new double[rows];
    this.shifts = new float[rows];
    this.nearest = new float[rows];
    this.positives = new float[rows];
    Arrays.fill(shifts, scale.hasCommonShift() ? scale.commonShift() : Float.NEGATIVE_INFINITY);
    Arrays.fill(nearest, Float.NEGATIVE_INFINITY);
    Arrays.fill(positives, Float.NEGATIVE_INFINITY);
  }

  int first() {
    return first;
  }

  int rows() {
    return sums.length;
  }

  /** Raises the shift of a row, if need be, so that this inner product can be added. */
  float shiftFor(int row, float dot) {
    int at = row - first;
    if (!scale.hasCommonShift()) {
      float needed = (float) Math.ceil(dot * scale.scale());
      if (needed > shifts[at]) {
        double factor = powerOfTwo(shifts[at] - needed);
        sums[at] *= factor;
        weightedSums[at] *= factor;
        shifts[at] = needed;
      }
    }
    return shifts[at];
  }

  /** Adds the sums of a tile's row, or column, under the shift of the row. */
  void add(int row, double sum, double weightedSum, float nearestDot) {
    int at = row - first;
    sums[at] += sum;
    weightedSums[at] += weightedSum;
    nearest[at] = Math.max(nearest[at], nearestDot);
  }

  /** Adds the sums of the same rows over other columns. */
  void add(RowSums other) {
    for (int at = 0; at < sums.length; at++) {
      int row = first + at;
      float shift = shiftFor(row, other.nearest[at]);
      double factor = powerOfTwo(other.shifts[at] - shift);
      add(row, factor * other.sums[at], factor * other.weightedSums[at], other.nearest[at]);
      positives[at] = Math.max(positives[at], other.positives[at]);
    }
  }

  /** Finishes the rows from {@code from} to {@code to}, which all columns have been added to. */
  RowStatistics statistics(Embeddings z, int from, int to) {
    double[] logNormalisers = new double[to - from];
    double losses = 0;
    double entropies = 0;
    int nearestPositives = 0;
    for (int row = from; row < to; row++) {
      int at = row - first;
      double positive = scale.similarity(z.positiveDot(row));
      double shift = (shifts[at] - Exponential.BIAS) * Math.log(2);
      double logOthers = Math.log(sums[at]) + shift - positive;
      double loss = logOthers > 40 ? logOthers : Math.log1p(Math.exp(logOthers));
      double logNormaliser = positive + loss;
      double meanSimilarity =
          positive * Math.exp(-loss)
              + scale.similarity(weightedSums[at]) * Math.exp(shift - logNormaliser);
      logNormalisers[row - from] = logNormaliser;
      losses += loss;
      entropies += logNormaliser - meanSimilarity;
      if (positives[at] > nearest[at]) {
        nearestPositives++;
      }
    }
    return new RowStatistics(from, logNormalisers, losses, nearestPositives, entropies);
  }

  private static double powerOfTwo(float exponent) {
    return exponent == 0 ? 1 : Math.pow(2, exponent);
  }
}
