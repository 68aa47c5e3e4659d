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
   * @param sgd the paper's way, beside
   * @param transfer whether the protocol of the transfer experiments runs beside
   */
  public record Linear(
      boolean enabled, int iterations, double regularisation, Sgd sgd, boolean transfer) {

    /** Without the other two ways. */
    public Linear(boolean enabled, int iterations, double regularisation) {
      this(enabled, iterations, regularisation, new Sgd(false, 90, 4096, 0.1), false);
    }
  }

  /**
   * The linear probe by SGD on cropped and flipped images (Chen et al. 2020, appendix B.6).
   *
   * @param enabled whether it runs at the end
   * @param epochs over the training images, each through the encoder
   * @param batch K, images in a step
   * @param learningRate before it is multiplied by K / 256
   */
  public record Sgd(boolean enabled, int epochs, int batch, double learningRate) {}

  static EvaluateConfig read(Section section) {
    Section sample = section.section("sample");
    Section knn = section.section("knn");
    Section linear = section.section("linear");
    Section sgd = linear.section("sgd");
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
            linear.real("regularisation", Range.atLeast(0)),
            new Sgd(
                sgd.flag("enabled"),
                sgd.integer("epochs", Range.between(1, 100_000)),
                sgd.integer("batch", Range.between(1, 1_000_000)),
                sgd.real("learning-rate", Range.above(0))),
            linear.flag("transfer")));
  }
}
