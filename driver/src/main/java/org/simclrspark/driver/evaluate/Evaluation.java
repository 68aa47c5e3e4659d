package org.simclrspark.driver.evaluate;

import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.simclrspark.data.DataException;
import org.simclrspark.data.index.Dataset;
import org.simclrspark.driver.config.EvaluateConfig;

/**
 * Judges encoders by what a simple classifier can read from their representations of one labelled
 * dataset. Kept through a training run, it decodes the images once.
 */
public final class Evaluation implements AutoCloseable {

  private final JavaSparkContext spark;
  private final EvaluationViews train;
  private final EvaluationViews test;
  private final EvaluateConfig config;

  /**
   * Sets up the evaluation and closes the views with it.
   *
   * @param train images that neighbours and the probe come from
   * @param test images that are predicted
   * @throws DataException if there are no images or some have no label
   */
  public Evaluation(
      JavaSparkContext spark, EvaluationViews train, EvaluationViews test, EvaluateConfig config) {
    this.spark = spark;
    this.train = train;
    this.test = test;
    this.config = config;
    Labels.classes(train.labels(), "training");
    Labels.classes(test.labels(), "test");
  }

  /**
   * Looks for labels, for a message before training rather than after it.
   *
   * @param which the dataset's role, for messages
   * @throws DataException if an image has no label
   */
  public static void requireLabel(Dataset images, String which) {
    Labels.requireAll(images.unlabelled(), images.count(), which);
  }

  /**
   * Accuracy of nearest neighbours on an encoder's h, a fraction: the quick look during training.
   *
   * @param encoder see {@link FeatureExtractor#extract}
   */
  public double knnAccuracy(ComputationGraph encoder) {
    return knn(features(train, encoder), features(test, encoder)).accuracy();
  }

  /**
   * All there is to know at the end of training.
   *
   * @param encoder as trained
   * @param untrained the same encoder with initial parameters
   */
  public EvaluationReport evaluate(ComputationGraph encoder, ComputationGraph untrained) {
    Features trainFeatures = features(train, encoder);
    Features testFeatures = features(test, encoder);
    NearestNeighbours.Result knn = knn(trainFeatures, testFeatures);
    OptionalDouble linear =
        config.linear().enabled()
            ? OptionalDouble.of(
                new LinearProbe(spark, config.linear()).accuracy(trainFeatures, testFeatures))
            : OptionalDouble.empty();
    return new EvaluationReport(
        train.count(),
        test.count(),
        commonestClass(),
        config.knn().k(),
        knn.neighbours(),
        knn.accuracy(),
        linear,
        rawPixels(),
        knnAccuracy(untrained));
  }

  @Override
  public void close() {
    train.close();
    test.close();
  }

  private Features features(EvaluationViews views, ComputationGraph encoder) {
    return new FeatureExtractor(spark, config.batch()).extract(views, encoder);
  }

  private double rawPixels() {
    PixelVectors trainPixels = PixelVectors.train(train);
    return knn(trainPixels, trainPixels.test(test)).accuracy();
  }

  private NearestNeighbours.Result knn(Vectors trainVectors, Vectors testVectors) {
    return new NearestNeighbours(spark, config.knn()).classify(trainVectors, testVectors);
  }

  private double commonestClass() {
    int[] labels = test.labels();
    int[] counts = new int[Labels.classes(labels, "test")];
    for (int label : labels) {
      counts[label]++;
    }
    return (double) IntStream.of(counts).max().orElse(0) / labels.length;
  }
}
