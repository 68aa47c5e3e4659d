package org.simclrspark.driver.metrics;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.simclrspark.driver.step.Phase;

/** The gauges of the driver. All are there from the start: Spark's sinks see no later ones. */
final class DriverGauges {

  /** Those that are values of a step's line, under the same name. */
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

  private DriverGauges() {}

  static void register(MetricRegistry registry, LiveTraining training, ExecutorReports reports) {
    for (String name : OF_STEP) {
      gauge(registry, name, () -> training.value(name));
    }
    for (Phase phase : Phase.values()) {
      String name = phase.label();
      gauge(registry, name + "_seconds", () -> training.value("seconds", name));
      gauge(registry, name + "_bytes", () -> training.value("bytes", name));
    }
    gauge(registry, "running", training::running);
    gauge(registry, "silence_seconds", training::silence);
    gauge(registry, "images_skipped", training::imagesSkipped);
    gauge(registry, "executors_lost", training::executorsLost);
    gauge(registry, "checkpoint_age_seconds", training::checkpointAge);
    gauge(registry, "checkpoint_seconds", training::checkpointSeconds);
    gauge(registry, "executors", () -> reports.current().size());
    largest(registry, reports, "native_bytes", ExecutorReport::nativeBytes);
    largest(registry, reports, "resident_bytes", ExecutorReport::residentBytes);
    largest(registry, reports, "gpu_bytes", ExecutorReport::gpuBytes);
    sum(registry, reports, "engines_made", ExecutorReport::enginesMade);
    sum(registry, reports, "engines_reused", ExecutorReport::enginesReused);
  }

  private static void largest(
      MetricRegistry registry,
      ExecutorReports reports,
      String name,
      ToLongFunction<ExecutorReport> value) {
    gauge(
        registry,
        "executors_" + name,
        () -> reports.current().stream().mapToLong(value).max().orElse(0));
  }

  private static void sum(
      MetricRegistry registry,
      ExecutorReports reports,
      String name,
      ToDoubleFunction<ExecutorReport> value) {
    gauge(registry, "executors_" + name, () -> reports.current().stream().mapToDouble(value).sum());
  }

  private static void gauge(MetricRegistry registry, String name, DoubleSupplier value) {
    registry.register(name, (Gauge<Double>) value::getAsDouble);
  }
}
