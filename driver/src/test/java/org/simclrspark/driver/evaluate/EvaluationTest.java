package org.simclrspark.driver.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.augment.AugmentSettings;
import org.simclrspark.data.decode.DecodeLimits;
import org.simclrspark.driver.LocalSpark;
import org.simclrspark.driver.config.DataConfig.Damaged;
import org.simclrspark.driver.config.EvaluateConfig;
import org.simclrspark.driver.config.EvaluateConfig.Knn;
import org.simclrspark.driver.config.EvaluateConfig.Linear;
import org.simclrspark.driver.config.EvaluateConfig.Sample;
import org.simclrspark.driver.evaluate.Evaluation.LabelledViews;

class EvaluationTest {

  private static final List<String> CLASSES = List.of("dark", "light");
  private static final int LENGTH = 3 * 32 * 32;
  private static final EvaluateConfig ONE_NEIGHBOUR =
      new EvaluateConfig(0, new Sample(1, 1), 16, new Knn(1, 0.1), new Linear(true, 50, 1e-3));

  @Test
  void reportsEachAccuracyOfItsOwnRepresentation() {
    List<ImageRecord> train = images(1, 60);
    List<ImageRecord> test = images(2, 40);
    ComputationGraph encoder = TestEncoder.graph(7);
    ComputationGraph untrained = TestEncoder.graph(8);

    List<String> told = new ArrayList<>();
    Evaluation evaluation = evaluation(train, test, ONE_NEIGHBOUR, told);
    EvaluationReport report = evaluation.evaluate(encoder, untrained);
    assertThat(evaluation.knnAccuracy(untrained)).isEqualTo(report.knnRandomEncoder());

    double[][] trainPixels = pixels(train, train);
    double[][] testPixels = pixels(test, train);
    assertThat(report.knnRawPixels()).isEqualTo(nearest(trainPixels, train, testPixels, test));
    assertThat(report.knn()).isEqualTo(nearest(h(encoder, train), train, h(encoder, test), test));
    assertThat(report.knnRandomEncoder())
        .isEqualTo(nearest(h(untrained, train), train, h(untrained, test), test));
    // Class 1 is brighter: three accuracies between guessing and certainty, which differ.
    assertThat(report.linear().getAsDouble()).isBetween(0.55, 1.0);
    assertThat(report.knn()).isNotEqualTo(report.knnRawPixels());
    assertThat(report.trainImages()).isEqualTo(60);
    assertThat(report.testImages()).isEqualTo(40);
    assertThat(told)
        .startsWith(
            "Evaluating 40 test images with 60 labelled images: 200 images through the encoder,"
                + " 14.8 MFLOP of similarities, 2.4 kFLOP for each of at most 50 iterations"
                + " of the linear probe.");
  }

  @Test
  void leavesTheLinearProbeOutWhereItIsSwitchedOff() {
    EvaluateConfig config =
        new EvaluateConfig(0, new Sample(1, 1), 16, new Knn(1, 0.1), new Linear(false, 50, 0));
    EvaluationReport report =
        evaluation(images(1, 20), images(2, 10), config, new ArrayList<>())
            .evaluate(TestEncoder.graph(7), TestEncoder.graph(8));
    assertThat(report.linear()).isEmpty();
    assertThat(report.values()).containsEntry("linear_accuracy", null);
  }

  @Test
  void damagedTestImagesAreSkippedCountedAndTold() {
    EvaluateConfig config =
        new EvaluateConfig(0, new Sample(1, 1), 16, new Knn(1, 0.1), new Linear(false, 50, 0));
    List<ImageRecord> test = new ArrayList<>(images(2, 10));
    ImageRecord cut = test.get(4);
    test.set(
        4, new ImageRecord(4, cut.label(), "cat/cut.jpg", cut.encoding(), new byte[] {1, 2, 3}));
    List<String> told = new ArrayList<>();

    EvaluationReport report =
        evaluation(images(1, 20), test, config, told)
            .evaluate(TestEncoder.graph(7), TestEncoder.graph(8));

    assertThat(report.testImages()).isEqualTo(9);
    assertThat(report.values()).containsEntry("evaluation_images_skipped", 1L);
    assertThat(told)
        .containsOnlyOnce(
            "Skipped cat/cut.jpg: a CIFAR image has 3072 bytes, not 3",
            "Left out 1 of 10 test images, which cannot be decoded.");
  }

  @Test
  void printsATable() {
    EvaluationReport report =
        new EvaluationReport(
            60,
            400,
            0,
            0.25,
            200,
            60,
            0.5,
            OptionalDouble.of(0.625),
            0.3,
            0.4,
            Map.of("linear_accuracy_sgd", 0.61));

    assertThat(report.lines(1000))
        .containsExactly(
            "accuracy on 400 test images              kNN   linear probe",
            "trained encoder                       50.0 %         62.5 %",
            "  by SGD, as in the paper                            61.0 %",
            "untrained encoder                     40.0 %",
            "raw pixels                            30.0 %",
            "always the commonest class            25.0 %",
            "One standard error of the trained encoder's kNN accuracy is 2.5 points.",
            "Neighbours and probes learn from 60 labelled images; the encoder was trained on 1000,"
                + " without labels.",
            "k is 60, all labelled images, because evaluate.knn.k asks for 200.");
  }

  private static Evaluation evaluation(
      List<ImageRecord> train, List<ImageRecord> test, EvaluateConfig config, List<String> told) {
    return new Evaluation(
        LocalSpark.context(), views(train), views(test), 2, 5, config, 1, told::add);
  }

  private static LabelledViews views(List<ImageRecord> images) {
    return new LabelledViews(
        EvaluationViews.of(
            LocalSpark.context().parallelize(images, 3),
            AugmentSettings.cifar(),
            DecodeLimits.DEFAULT,
            Damaged.SKIP,
            image -> CLASSES.indexOf(image.label())),
        images.size());
  }

  private static List<ImageRecord> images(long seed, int count) {
    Random random = new Random(seed);
    List<ImageRecord> images = new ArrayList<>();
    for (int id = 0; id < count; id++) {
      int label = id % 2;
      int brightness = 60 + random.nextInt(80) + 25 * label;
      byte[] bytes = new byte[LENGTH];
      for (int i = 0; i < LENGTH; i++) {
        bytes[i] = (byte) (brightness + random.nextInt(60));
      }
      images.add(
          new ImageRecord(
              id, CLASSES.get(label), "image " + id, ImageRecord.Encoding.CIFAR, bytes));
    }
    return images;
  }

  /** Pixels minus the mean image of the training set. */
  private static double[][] pixels(List<ImageRecord> images, List<ImageRecord> train) {
    double[][] rows = new double[images.size()][LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      int at = i;
      double mean = train.stream().mapToInt(image -> image.bytes()[at] & 0xff).average().orElse(0);
      for (int row = 0; row < rows.length; row++) {
        rows[row][i] = (images.get(row).bytes()[i] & 0xff) - mean;
      }
    }
    return rows;
  }

  private static double[][] h(ComputationGraph encoder, List<ImageRecord> images) {
    float[] values = new float[images.size() * LENGTH];
    for (int i = 0; i < values.length; i++) {
      values[i] = (images.get(i / LENGTH).bytes()[i % LENGTH] & 0xff) / 255f;
    }
    return encoder.output(Nd4j.create(values, new long[] {images.size(), 3, 32, 32}, 'c'))[0]
        .toDoubleMatrix();
  }

  /** Fraction of queries whose most similar training row is of their class. */
  private static double nearest(
      double[][] train, List<ImageRecord> trainImages, double[][] test, List<ImageRecord> queries) {
    long right =
        IntStream.range(0, test.length)
            .filter(
                i -> {
                  int best = 0;
                  for (int j = 1; j < train.length; j++) {
                    if (cosine(test[i], train[j]) > cosine(test[i], train[best])) {
                      best = j;
                    }
                  }
                  return trainImages.get(best).label().equals(queries.get(i).label());
                })
            .count();
    return (double) right / test.length;
  }

  private static double cosine(double[] a, double[] b) {
    double product = 0;
    double squaresA = 0;
    double squaresB = 0;
    for (int i = 0; i < a.length; i++) {
      product += a[i] * b[i];
      squaresA += a[i] * a[i];
      squaresB += b[i] * b[i];
    }
    return product / Math.sqrt(squaresA * squaresB);
  }
}
