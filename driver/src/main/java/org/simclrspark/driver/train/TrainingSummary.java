package org.simclrspark.driver.train;

import java.util.List;
import java.util.Map;
import org.simclrspark.data.index.Dataset;
import org.simclrspark.driver.checkpoint.FloatBytes;
import org.simclrspark.driver.checkpoint.TrainingState;
import org.simclrspark.driver.report.Summary;

/** What the summary of a run says about its training; the evaluation adds what it found. */
final class TrainingSummary {

  private TrainingSummary() {}

  /**
   * Sums up a training.
   *
   * @param state at its end
   * @param lines of its metrics, which may be none where they could not be written
   */
  static Summary of(TrainingState state, Dataset dataset, List<Map<String, Object>> lines) {
    Summary summary =
        Summary.empty()
            .with(Summary.STEPS, state.step())
            .with(Summary.IMAGES_SKIPPED, sum(lines, Summary.IMAGES_SKIPPED))
            .with(Summary.IMAGES_REPAIRED, sum(lines, Summary.IMAGES_REPAIRED))
            .with(Summary.PARAMETERS_SHA256, FloatBytes.sha256(state.parameters()))
            .with(Summary.DATA_FINGERPRINT, dataset.fingerprint());
    return lines.isEmpty()
        ? summary
        : summary
            .with(Summary.IMAGES_PER_SECOND, median(lines, "images_per_second"))
            .with(Summary.LOSS_FIRST, lines.get(0).get("loss"))
            .with(Summary.LOSS_LAST, lines.get(lines.size() - 1).get("loss"));
  }

  /** Lines of older runs may lack the number. */
  private static long sum(List<Map<String, Object>> lines, String name) {
    return lines.stream()
        .map(line -> line.get(name))
        .mapToLong(images -> images == null ? 0 : ((Number) images).longValue())
        .sum();
  }

  private static double median(List<Map<String, Object>> lines, String name) {
    double[] sorted =
        lines.stream()
            .mapToDouble(line -> ((Number) line.get(name)).doubleValue())
            .sorted()
            .toArray();
    return sorted[sorted.length / 2];
  }
}
