package org.simclrspark.driver.sweep;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.driver.config.AugmentConfig;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.report.Metrics;
import org.simclrspark.driver.run.StopRequest;
import org.simclrspark.driver.train.Datasets;
import org.simclrspark.driver.train.Pretraining;
import org.simclrspark.driver.train.SharedRuns;
import org.simclrspark.worker.network.EncoderSettings;

/**
 * Images a second that points train on: what their runs have shown, or else what a few steps of one
 * of them show. Points with the same encoder and views are taken to be as fast as each other.
 */
final class PointRates {

  private static final int STEPS = 3;
  private static final int LINES = 50;

  private final JavaSparkContext spark;
  private final SweepDirectory directory;
  private final StopRequest stop;
  private final Consumer<String> tell;

  /** What decides how fast a point is. */
  private record Speed(EncoderSettings encoder, AugmentConfig views) {

    static Speed of(Point point) {
      SimclrConfig config = point.config();
      return new Speed(config.encoderSettings(), config.augment());
    }
  }

  /**
   * Knows nothing yet.
   *
   * @param tell shows a line
   */
  PointRates(
      JavaSparkContext spark, SweepDirectory directory, StopRequest stop, Consumer<String> tell) {
    this.spark = spark;
    this.directory = directory;
    this.stop = stop;
    this.tell = tell;
  }

  /**
   * Finds the rates of points; those are not in the map whose steps fail, or that a signal came
   * before.
   *
   * @param datasets of a point
   */
  Map<Point, Double> of(List<Point> points, Function<Point, Datasets> datasets) {
    Map<Speed, List<Point>> bySpeed = new LinkedHashMap<>();
    points.forEach(
        point -> bySpeed.computeIfAbsent(Speed.of(point), s -> new ArrayList<>()).add(point));
    Map<Point, Double> rates = new HashMap<>();
    for (List<Point> same : bySpeed.values()) {
      Point smallest =
          Collections.min(same, Comparator.comparing(point -> point.config().train().batch()));
      same.stream()
          .map(this::seen)
          .flatMap(Optional::stream)
          .findFirst()
          .or(() -> measured(smallest, datasets.apply(smallest)))
          .ifPresent(rate -> same.forEach(point -> rates.put(point, rate)));
    }
    return rates;
  }

  private Optional<Double> seen(Point point) {
    List<Map<String, Object>> lines =
        Metrics.read(directory.run(point), spark.hadoopConfiguration());
    double[] rates =
        lines.subList(Math.max(0, lines.size() - LINES), lines.size()).stream()
            .map(line -> line.get("images_per_second"))
            .filter(Number.class::isInstance)
            .mapToDouble(rate -> ((Number) rate).doubleValue())
            .sorted()
            .toArray();
    return rates.length == 0 ? Optional.empty() : Optional.of(rates[rates.length / 2]);
  }

  /** Trains a few steps in a directory of their own; what goes wrong with them is the point's. */
  private Optional<Double> measured(Point point, Datasets datasets) {
    if (stop.isRequested()) {
      return Optional.empty();
    }
    directory.deleteScratch();
    tell.accept("Measuring " + STEPS + " steps of K = " + point.config().train().batch() + ".");
    SimclrConfig config = point.config().with("train.steps", "" + STEPS).with("data.test", null);
    try (StopRequest request = stop.forRun(spark.sc()::cancelAllJobs, tell)) {
      Pretraining.run(
          spark,
          config,
          directory.scratch(),
          SharedRuns.toTheEnd(datasets, request),
          new PointProgress("estimate", line -> {}));
      return fastest(directory.scratch(), spark.hadoopConfiguration());
    } catch (Exception | OutOfMemoryError failed) {
      // Not only unchecked ones: Spark, which is written in Scala, declares none.
      return Optional.empty();
    } finally {
      directory.deleteScratch();
    }
  }

  /** The first step compiles what the others run. */
  private static Optional<Double> fastest(Path run, Configuration hadoop) {
    return Metrics.read(run, hadoop).stream()
        .map(line -> ((Number) line.get("images_per_second")).doubleValue())
        .max(Double::compare);
  }
}
