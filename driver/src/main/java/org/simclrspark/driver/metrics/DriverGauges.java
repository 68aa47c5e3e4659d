package org.simclrspark.driver.metrics;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.simclrspark.driver.step.Phase;

/**
 * The gauges of the driver. Those of the driver as a whole are there from the start; each run that
 * shares it with others has its own while it trains, {@code NAME.run.RUN}.
 */
final class DriverGauges implements LiveTrainings.Display {

  /** Values of a step's line, under the same name. */
  private static final List<String> OF_STEP =
      List.of(
          "step",
          "epoch",
          "loss",
          "contrastive_accuracy",
          "contrastive_entropy",
          "knn_accuracy",
          "embedding_std",
          "effective_rank",
          "collapsed",
          "learning_rate",
          "images_per_second");

  /** What the driver says of the run that is worst off, for alerts. */
  private static final List<String> WORST =
      List.of("collapsed", "silence_seconds", "checkpoint_age_seconds");

  private static final String SKIPPED = "images_skipped";

  /** What a run has, by name. */
  private static final Map<String, ToDoubleFunction<LiveTraining>> OF_RUN = ofRun();

  private final MetricRegistry registry;

  private DriverGauges(MetricRegistry registry) {
    this.registry = registry;
  }

  private static Map<String, ToDoubleFunction<LiveTraining>> ofRun() {
    Map<String, ToDoubleFunction<LiveTraining>> figures = new LinkedHashMap<>();
    OF_STEP.forEach(name -> figures.put(name, training -> training.value(name)));
    for (Phase phase : Phase.values()) {
      String name = phase.label();
      figures.put(name + "_seconds", training -> training.value("seconds", name));
      figures.put(name + "_bytes", training -> training.value("bytes", name));
    }
    figures.put("silence_seconds", LiveTraining::silence);
    figures.put("checkpoint_age_seconds", LiveTraining::checkpointAge);
    figures.put("checkpoint_seconds", LiveTraining::checkpointSeconds);
    figures.put(SKIPPED, LiveTraining::imagesSkipped);
    return figures;
  }

  /**
   * Registers the gauges.
   *
   * @param executorsLost since the driver started
   */
  static void register(
      MetricRegistry registry,
      LiveTrainings trainings,
      ExecutorReports reports,
      IntSupplier executorsLost) {
    DriverGauges gauges = new DriverGauges(registry);
    gauges.ofDriver(trainings);
    gauges.ofExecutors(reports, executorsLost);
    trainings.showOn(gauges);
  }

  private void ofDriver(LiveTrainings trainings) {
    OF_RUN.forEach(
        (name, figure) -> {
          if (WORST.contains(name)) {
            gauge(name, () -> trainings.largest(figure));
          } else if (!name.equals(SKIPPED)) {
            gauge(name, () -> trainings.ofTheOnly(figure));
          }
        });
    gauge(SKIPPED, trainings::imagesSkipped);
    gauge("running", trainings::running);
  }

  private void ofExecutors(ExecutorReports reports, IntSupplier executorsLost) {
    gauge("executors_lost", executorsLost::getAsInt);
    gauge("executors", () -> reports.current().size());
    largest(reports, "native_bytes", ExecutorReport::nativeBytes);
    largest(reports, "resident_bytes", ExecutorReport::residentBytes);
    largest(reports, "gpu_bytes", ExecutorReport::gpuBytes);
    sum(reports, "engines_made", ExecutorReport::enginesMade);
    sum(reports, "engines_reused", ExecutorReport::enginesReused);
  }

  @Override
  public Runnable show(String run, LiveTraining training) {
    OF_RUN.forEach((name, figure) -> gauge(name(name, run), () -> figure.applyAsDouble(training)));
    return () -> OF_RUN.keySet().forEach(name -> registry.remove(name(name, run)));
  }

  /** In characters that every sink takes as they are. */
  private static String name(String figure, String run) {
    return figure + ".run." + run.replaceAll("[^A-Za-z0-9]", "_");
  }

  private void largest(ExecutorReports reports, String name, ToLongFunction<ExecutorReport> value) {
    gauge("executors_" + name, () -> reports.current().stream().mapToLong(value).max().orElse(0));
  }

  private void sum(ExecutorReports reports, String name, ToDoubleFunction<ExecutorReport> value) {
    gauge("executors_" + name, () -> reports.current().stream().mapToDouble(value).sum());
  }

  private void gauge(String name, DoubleSupplier value) {
    registry.register(name, (Gauge<Double>) value::getAsDouble);
  }
}
