package org.simclrspark.driver.evaluate;

import java.io.Serializable;
import java.util.Iterator;
import java.util.function.Consumer;
import org.simclrspark.worker.onednn.ProductTiles;

/**
 * Brings features to mean 0 and standard deviation 1 on the training images; one that is the same
 * for all images becomes 0.
 *
 * @param means [size]
 * @param inverses of standard deviations, [size]
 */
record FeatureScale(double[] means, double[] inverses) implements Serializable {

  /** What is summed over rows. */
  @FunctionalInterface
  private interface Summand extends Serializable {
    double of(int feature, float value);
  }

  /**
   * Measures training images.
   *
   * @param count number of rows
   * @throws IllegalStateException if a value is not finite
   */
  static FeatureScale of(RowPasses rows, long count, int size) {
    float[] greatest = greatest(rows, size);
    for (float value : greatest) {
      if (!Float.isFinite(value)) {
        throw new IllegalStateException(
            "The linear probe must have finite representations, found one that is not: training"
                + " has diverged; lower the learning rate or raise the temperature");
      }
    }
    double[] means = means(rows, count, greatest, 1, (feature, value) -> value);
    double[] variances =
        means(
            rows,
            count,
            greatest,
            2,
            (feature, value) -> (value - means[feature]) * (value - means[feature]));
    double[] inverses = new double[size];
    for (int i = 0; i < size; i++) {
      double deviation = Math.sqrt(variances[i] * count / Math.max(1, count - 1));
      inverses[i] = deviation > 0 ? 1 / deviation : 0;
    }
    return new FeatureScale(means, inverses);
  }

  /** What no scaled feature of {@code count} images can exceed: sqrt(count). */
  static double bound(long count) {
    return Math.sqrt((double) count);
  }

  private static float[] greatest(RowPasses rows, int size) {
    return rows.reduce(
        size,
        (blocks, length) -> {
          float[] greatest = new float[length];
          forEachRow(blocks, length, row -> greater(greatest, row));
          return greatest;
        },
        FeatureScale::greater);
  }

  /** Magnitudes; NaN and infinity stay. */
  private static float[] greater(float[] greatest, float[] row) {
    for (int i = 0; i < greatest.length; i++) {
      greatest[i] = Math.max(greatest[i], Math.abs(row[i]));
    }
    return greatest;
  }

  /**
   * Means over rows of a summand.
   *
   * @param power the summand is at most {@code (2 greatest)^power}
   */
  private static double[] means(
      RowPasses rows, long count, float[] greatest, int power, Summand summand) {
    int size = greatest.length;
    FixedPoint[] points = new FixedPoint[size];
    for (int i = 0; i < size; i++) {
      points[i] = FixedPoint.upTo(Math.pow(2.0 * greatest[i], power) * count);
    }
    long[] sums =
        rows.reduce(
            points,
            (blocks, of) -> {
              long[] sum = new long[size];
              forEachRow(
                  blocks,
                  size,
                  row -> {
                    for (int i = 0; i < size; i++) {
                      sum[i] += of[i].of(summand.of(i, row[i]));
                    }
                  });
              return sum;
            },
            FixedPoint::add);
    double[] means = new double[size];
    for (int i = 0; i < size; i++) {
      means[i] = points[i].value(sums[i]) / count;
    }
    return means;
  }

  private static void forEachRow(
      Iterator<? extends RowBlock> blocks, int size, Consumer<float[]> visitor) {
    float[] row = new float[size];
    while (blocks.hasNext()) {
      RowBlock block = blocks.next();
      for (int i = 0; i < block.count(); i++) {
        block.copy(i, row);
        visitor.accept(row);
      }
    }
  }

  /** The scaled rows of a block. */
  ProductTiles.Vectors scaled(RowBlock block) {
    return (row, target) -> {
      block.copy(row, target);
      for (int i = 0; i < target.length; i++) {
        target[i] = (float) ((target[i] - means[i]) * inverses[i]);
      }
    };
  }
}
