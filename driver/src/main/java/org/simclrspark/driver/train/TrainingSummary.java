package org.simclrspark.driver.train;

import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.simclrspark.data.index.Dataset;
import org.simclrspark.driver.checkpoint.FloatBytes;
import org.simclrspark.driver.checkpoint.TrainingState;
import org.simclrspark.driver.report.Summary;

/** What the summary of a run says about its training; the evaluation adds what it found. */
final class TrainingSummary {

  private final DoubleStream.Builder imagesPerSecond = DoubleStream.builder();
  private long imagesSkipped;
  private long imagesRepaired;
  private Map<String, Object> first;
  private Map<String, Object> last;

  private TrainingSummary() {}

  /**
   * Sums up a training.
   *
   * @param state at its end
   * @param lines of its metrics, taken one by one, which may be none where they could not be
   *     written
   */
  static Summary of(TrainingState state, Dataset dataset, Stream<Map<String, Object>> lines) {
    TrainingSummary training = new TrainingSummary();
    lines.forEachOrdered(training::add);
    Summary summary =
        Summary.empty()
            .with(Summary.STEPS, state.step())
            .with(Summary.IMAGES_SKIPPED, training.imagesSkipped)
            .with(Summary.IMAGES_REPAIRED, training.imagesRepaired)
            .with(Summary.PARAMETERS_SHA256, FloatBytes.sha256(state.parameters()))
            .with(Summary.DATA_FINGERPRINT, dataset.fingerprint());
    return training.first == null
        ? summary
        : summary
            .with(Summary.IMAGES_PER_SECOND, median(training.imagesPerSecond))
            .with(Summary.LOSS_FIRST, training.first.get("loss"))
            .with(Summary.LOSS_LAST, training.last.get("loss"));
  }

  private void add(Map<String, Object> line) {
    first = first == null ? line : first;
    last = line;
    imagesPerSecond.add(((Number) line.get(Summary.IMAGES_PER_SECOND)).doubleValue());
    imagesSkipped += count(line, Summary.IMAGES_SKIPPED);
    imagesRepaired += count(line, Summary.IMAGES_REPAIRED);
  }

  /** Lines of older runs may lack the number. */
  private static long count(Map<String, Object> line, String name) {
    return line.get(name) instanceof Number images ? images.longValue() : 0;
  }

  private static double median(DoubleStream.Builder values) {
    double[] sorted = values.build().sorted().toArray();
    return sorted[sorted.length / 2];
  }
}
