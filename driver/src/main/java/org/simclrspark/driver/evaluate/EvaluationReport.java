package org.simclrspark.driver.evaluate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.simclrspark.driver.report.Summary;

/**
 * How well an encoder's representations tell classes apart; accuracies are fractions of the test
 * images, in [0, 1].
 *
 * @param trainImages labelled images that neighbours and the probe come from
 * @param testImages labelled images that are predicted
 * @param skippedImages of both, which cannot be decoded
 * @param commonestClass accuracy of always predicting the test set's commonest class
 * @param requestedNeighbours k as configured
 * @param neighbours k as it was used: at most {@code trainImages}
 * @param knn nearest neighbours on h
 * @param linear linear probe on h; empty if it is switched off
 * @param knnRawPixels nearest neighbours on pixels
 * @param knnRandomEncoder nearest neighbours on the untrained encoder's h
 * @param probes the linear probe in other ways, by {@link #LINEAR_SGD} and {@link #LINEAR_TRANSFER}
 */
public record EvaluationReport(
    long trainImages,
    long testImages,
    long skippedImages,
    double commonestClass,
    int requestedNeighbours,
    int neighbours,
    double knn,
    OptionalDouble linear,
    double knnRawPixels,
    double knnRandomEncoder,
    Map<String, Double> probes) {

  /** Name of the accuracy of {@link SgdProbe}. */
  static final String LINEAR_SGD = "linear_accuracy_sgd";

  /** Name of the accuracy of {@link TransferProbe}. */
  static final String LINEAR_TRANSFER = "linear_accuracy_transfer";

  private static final Map<String, String> TITLES =
      Map.of(LINEAR_SGD, "by SGD, as in the paper", LINEAR_TRANSFER, "as in transfer experiments");

  /** The values by their names in {@code summary.json}. */
  public Map<String, Object> values() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put(Summary.KNN_ACCURACY, knn);
    values.put(Summary.LINEAR_ACCURACY, linear.isPresent() ? linear.getAsDouble() : null);
    values.putAll(probes);
    values.put(Summary.KNN_ACCURACY_RAW_PIXELS, knnRawPixels);
    values.put(Summary.KNN_ACCURACY_RANDOM_ENCODER, knnRandomEncoder);
    values.put("evaluation_train_images", trainImages);
    values.put("evaluation_test_images", testImages);
    values.put("evaluation_images_skipped", skippedImages);
    values.put("knn_neighbours", neighbours);
    return values;
  }

  /**
   * A table for people, line by line.
   *
   * @param trainedOn images that the encoder was trained on
   */
  public List<String> lines(long trainedOn) {
    List<String> lines = new ArrayList<>();
    lines.add(row("accuracy on " + testImages + " test images", "kNN", "linear probe"));
    lines.add(
        row(
            "trained encoder",
            percent(knn),
            linear.isPresent() ? percent(linear.getAsDouble()) : ""));
    probes.forEach(
        (name, accuracy) -> lines.add(row("  " + TITLES.get(name), "", percent(accuracy))));
    lines.add(row("untrained encoder", percent(knnRandomEncoder), ""));
    lines.add(row("raw pixels", percent(knnRawPixels), ""));
    lines.add(row("always the commonest class", percent(commonestClass), ""));
    lines.add(
        String.format(
            Locale.ROOT,
            "One standard error of the trained encoder's kNN accuracy is %.1f points.",
            100 * Math.sqrt(knn * (1 - knn) / testImages)));
    lines.add(
        "Neighbours and probes learn from "
            + trainImages
            + " labelled images; the encoder was trained on "
            + trainedOn
            + ", without labels.");
    if (neighbours < requestedNeighbours) {
      lines.add(
          "k is "
              + neighbours
              + ", all labelled images, because evaluate.knn.k asks for "
              + requestedNeighbours
              + ".");
    }
    return lines;
  }

  private static String row(String name, String knn, String linear) {
    return String.format(Locale.ROOT, "%-34s%10s%15s", name, knn, linear).stripTrailing();
  }

  private static String percent(double fraction) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * fraction);
  }
}
