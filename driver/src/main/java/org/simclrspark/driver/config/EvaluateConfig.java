package org.simclrspark.driver.config;

/**
 * How the encoder is judged.
 *
 * @param everyEpochs how often kNN runs during training; 0 for at the end alone
 * @param sample the images that it runs on during training
 * @param batch images encoded together when features are extracted
 * @param knn the nearest-neighbour classifier
 * @param linear the linear probe
 */
public record EvaluateConfig(int everyEpochs, Sample sample, int batch, Knn knn, Linear linear) {

  /**
   * A fixed sample for the check during training.
   *
   * @param trainImages at most so many to find neighbours among
   * @param testImages at most so many to predict
   */
  public record Sample(int trainImages, int testImages) {}

  /**
   * Weighted kNN on cosine similarity (Wu et al. 2018, section 3.4).
   *
   * @param k neighbours that vote
   * @param temperature tau in a vote's weight, exp(similarity / tau)
   */
  public record Knn(int k, double temperature) {}

  /**
   * Multinomial logistic regression on frozen representations h.
   *
   * @param enabled whether it runs at the end
   * @param iterations of L-BFGS at most
   * @param regularisation weight of the squared norm of the coefficients
   */
  public record Linear(boolean enabled, int iterations, double regularisation) {}

  static EvaluateConfig read(Section section) {
    Section sample = section.section("sample");
    Section knn = section.section("knn");
    Section linear = section.section("linear");
    return new EvaluateConfig(
        section.integer("every-epochs", Range.between(0, Integer.MAX_VALUE)),
        new Sample(
            sample.integer("train-images", Range.between(1, 100_000_000)),
            sample.integer("test-images", Range.between(1, 100_000_000))),
        section.integer("batch", Range.between(1, 65536)),
        new Knn(
            knn.integer("k", Range.between(1, 1_000_000)),
            knn.real("temperature", Range.between(0.001, 100))),
        new Linear(
            linear.flag("enabled"),
            linear.integer("iterations", Range.between(1, 1_000_000)),
            linear.real("regularisation", Range.atLeast(0))));
  }
}
