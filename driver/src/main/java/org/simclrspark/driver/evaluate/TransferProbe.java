package org.simclrspark.driver.evaluate;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.data.Mixing;
import org.simclrspark.driver.config.EvaluateConfig.Linear;
import org.simclrspark.worker.shard.RawFloats;

/**
 * The linear probe of the transfer experiments (Chen et al. 2020, appendix B.8.1; Kornblith et al.
 * 2019): logistic regression by L-BFGS with the best of {@value #REGULARISATIONS} weights of L2
 * from 1e-6 to 1e5, evenly spaced in their logarithm. The best is that of a validation split, a
 * fifth of the training images; the classifier is then fitted on all of them. As in {@link
 * LinearProbe}, and unlike there, features are scaled to unit standard deviation.
 */
final class TransferProbe {

  static final int REGULARISATIONS = 45;
  private static final double LEAST = 1e-6;
  private static final double GREATEST = 1e5;
  private static final int PARTS = 5;

  private final JavaSparkContext spark;
  private final int iterations;
  private final int classes;
  private final int threads;

  /**
   * Makes the probe.
   *
   * @param iterations of L-BFGS at most, for each weight
   * @param classes their number; labels are below it
   * @param threads of a task
   */
  TransferProbe(JavaSparkContext spark, int iterations, int classes, int threads) {
    this.spark = spark;
    this.iterations = iterations;
    this.classes = classes;
    this.threads = threads;
  }

  /**
   * What was found.
   *
   * @param accuracy on the test images, a fraction
   * @param regularisation that was best on the validation split; of several the greatest
   */
  record Result(double accuracy, double regularisation) {}

  Result accuracy(Rows train, Rows test) {
    double best = 0;
    double accuracy = -1;
    try (Rows fitted = split(train, false);
        Rows validation = split(train, true)) {
      double[] regularisations = regularisations();
      double[] found = probe(0).accuracies(fitted, validation, regularisations);
      for (int i = 0; i < REGULARISATIONS; i++) {
        if (found[i] >= accuracy) {
          accuracy = found[i];
          best = regularisations[i];
        }
      }
    }
    return new Result(probe(best).accuracy(train, test), best);
  }

  /** The weights of half the squared norm beside the mean loss, ascending. */
  static double[] regularisations() {
    double step = StrictMath.log(GREATEST / LEAST) / (REGULARISATIONS - 1);
    return IntStream.range(0, REGULARISATIONS)
        .mapToDouble(i -> LEAST * StrictMath.exp(i * step))
        .toArray();
  }

  private LinearProbe probe(double regularisation) {
    return new LinearProbe(spark, new Linear(true, iterations, regularisation), classes, threads);
  }

  /** A fifth of the images, the same each time, or the others. */
  private static Rows split(Rows rows, boolean validation) {
    JavaRDD<? extends RowBlock> blocks = rows.blocks();
    return Rows.computed(blocks.map(block -> select(block, validation)));
  }

  private static FeatureBlock select(RowBlock block, boolean validation) {
    int[] chosen =
        IntStream.range(0, block.count())
            .filter(
                row ->
                    (Long.remainderUnsigned(Mixing.mix(block.id(row)), PARTS) == 0) == validation)
            .toArray();
    float[] values = new float[chosen.length * block.size()];
    float[] row = new float[block.size()];
    for (int i = 0; i < chosen.length; i++) {
      block.copy(chosen[i], row);
      System.arraycopy(row, 0, values, i * row.length, row.length);
    }
    return new FeatureBlock(
        Arrays.stream(chosen).mapToLong(block::id).toArray(),
        Arrays.stream(chosen).map(block::label).toArray(),
        new RawFloats(values),
        block.size());
  }
}
