package org.simclrspark.driver.evaluate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.worker.machine.Natives;
import org.simclrspark.worker.onednn.GemmRate;

/** What an evaluation takes, in words: what will be computed, and what took how long. */
final class EvaluationCost {

  private final long trainImages;
  private final long testImages;
  private final int features;

  /** Floating-point operations of similarities, by phase. */
  private final Map<String, Double> similarities = new HashMap<>();

  /**
   * Sets up the words.
   *
   * @param features length of a representation h
   */
  EvaluationCost(long trainImages, long testImages, int features) {
    this.trainImages = trainImages;
    this.testImages = testImages;
    this.features = features;
  }

  /**
   * What will be computed, in a line.
   *
   * @param encoders that all images go through
   * @param pixels values of an image whose raw pixels are compared too; 0 for none
   * @param more ends the line
   */
  String before(int encoders, int pixels, String more) {
    double pairs = (double) trainImages * testImages;
    return String.format(
        Locale.ROOT,
        "Evaluating %,d test images with %,d labelled images: %,d images through the encoder,"
            + " %s of similarities%s.",
        testImages,
        trainImages,
        encoders * (trainImages + testImages),
        operations(2 * pairs * (encoders * features + pixels)),
        more);
  }

  /** What the linear probe will compute, as the end of a line. */
  String ofLinearProbe(int classes, int iterations) {
    return String.format(
        Locale.ROOT,
        ", %s for each of at most %d iterations of the linear probe",
        operations(4.0 * trainImages * features * classes),
        iterations);
  }

  /** Notes the similarities that a phase computes. */
  void similarities(String phase, Rows train, Rows test) {
    similarities.put(phase, 2.0 * train.count() * test.count() * train.size());
  }

  /**
   * What took how long, and how near similarities came to the rate of matrix products, which is
   * measured by a job.
   *
   * @param seconds of each phase
   * @param threads of a task
   */
  String after(JavaSparkContext spark, Map<String, Double> seconds, int threads) {
    int slots = Math.max(1, spark.defaultParallelism() / threads);
    double rate =
        slots
            * spark
                .parallelize(List.of(threads), 1)
                .map(size -> GemmRate.measure(size, Natives::limitThread))
                .first();
    List<String> parts = new ArrayList<>();
    seconds.forEach(
        (phase, took) -> {
          Double operations = similarities.get(phase);
          parts.add(
              String.format(Locale.ROOT, "%s %.1f s", phase, took)
                  + (operations == null
                      ? ""
                      : String.format(Locale.ROOT, " at %.0f GFLOP/s", operations / took / 1e9)));
        });
    return String.format(
        Locale.ROOT,
        "Evaluated in %.1f s: %s. Matrix products run at %.0f GFLOP/s.",
        seconds.values().stream().mapToDouble(Double::doubleValue).sum(),
        String.join(", ", parts),
        rate);
  }

  /** A number of floating-point operations, such as {@code 1.5 GFLOP}. */
  private static String operations(double count) {
    String prefixes = " kMGTP";
    int prefix = 0;
    double scaled = count;
    while (scaled >= 1000 && prefix < prefixes.length() - 1) {
      scaled /= 1000;
      prefix++;
    }
    return String.format(
        Locale.ROOT, "%.1f %sFLOP", scaled, prefixes.substring(prefix, prefix + 1).strip());
  }
}
