package org.simclrspark.driver.sweep;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.driver.config.OptimizerConfig.Scaling;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.report.Durations;
import org.simclrspark.worker.network.Network;

/** What a sweep will cost, said before it starts. */
final class Estimate {

  private static final String BATCH = "train.batch";
  private static final String LEARNING_RATE = "optimizer.learning-rate";

  /** Parameters and the optimizer's arrays, each as large, beside the encoder on its own. */
  private static final int ARRAYS_IN_CHECKPOINT = 4;

  private final JavaSparkContext spark;
  private final Spec spec;
  private final List<Point> points;
  private final Sweep.Options options;

  Estimate(JavaSparkContext spark, Spec spec, List<Point> points, Sweep.Options options) {
    this.spark = spark;
    this.spec = spec;
    this.points = points;
    this.options = options;
  }

  /**
   * The estimate, line by line.
   *
   * @param left images that points have to train on yet, evaluations included
   * @param rates images a second of points, as far as known
   */
  List<String> lines(Map<Point, Double> left, Map<Point, Double> rates) {
    List<String> lines = new ArrayList<>();
    learningRates(lines);
    double images = left.values().stream().mapToDouble(Double::doubleValue).sum();
    long open = left.values().stream().filter(count -> count > 0).count();
    if (open == 0) {
      lines.add("All points are done; there is nothing to train.");
      return lines;
    }
    lines.add(
        String.format(
            Locale.ROOT,
            "%d of %d points are to be trained, on %,.0f images in all (an evaluation counted as"
                + " the training images that take as long)%s; their checkpoints will take about"
                + " %,.0f MB.",
            open,
            points.size(),
            images,
            options.rungs() > 1 ? ", if halving stops as many as it should" : "",
            checkpointBytes() / 1e6));
    lines.add(time(left, rates));
    return lines;
  }

  private String time(Map<Point, Double> left, Map<Point, Double> rates) {
    double seconds = 0;
    for (Map.Entry<Point, Double> of : left.entrySet()) {
      if (of.getValue() > 0) {
        Double rate = rates.get(of.getKey());
        if (rate == null) {
          return "How long that takes could not be measured.";
        }
        seconds += of.getValue() / rate;
      }
    }
    int cores = spark.sc().defaultParallelism();
    return String.format(
        Locale.ROOT,
        "Estimate: %s one after the other, %.2f core hours on %d cores%s.",
        Durations.clock(seconds),
        seconds * cores / 3600,
        cores,
        options.parallel() > 1
            ? "; "
                + options.parallel()
                + " at a time are faster only where one leaves cores without work"
            : "");
  }

  /** The rates where the batch is an axis and they are not. */
  private void learningRates(List<String> lines) {
    Set<String> axes = new LinkedHashSet<>(spec.axes().stream().map(Axis::key).toList());
    if (!axes.contains(BATCH) || axes.contains(LEARNING_RATE)) {
      return;
    }
    Map<Integer, String> rates = new LinkedHashMap<>();
    Set<Scaling> scalings = new LinkedHashSet<>();
    for (Point point : points) {
      SimclrConfig config = point.config();
      int batch = config.train().batch();
      rates.put(
          batch, String.format(Locale.ROOT, "%.4g", config.optimizer().peakLearningRate(batch)));
      scalings.add(config.optimizer().scaling());
    }
    List<String> words = new ArrayList<>();
    rates.forEach((batch, rate) -> words.add(rate + " at " + batch));
    lines.add("Learning rate by batch: " + String.join(", ", words) + ".");
    if (scalings.contains(Scaling.NONE)) {
      lines.add(
          "Warning: optimizer.scaling is none, so that all batches train at one learning rate."
              + " Set it to linear or square-root, or make "
              + LEARNING_RATE
              + " an axis, unless that is meant.");
    }
  }

  private double checkpointBytes() {
    return points.stream()
        .mapToDouble(
            point -> {
              SimclrConfig config = point.config();
              double parameters = new Network(config.encoderSettings()).layout().size();
              return config.checkpoint().keep() * ARRAYS_IN_CHECKPOINT * parameters * Float.BYTES;
            })
        .sum();
  }
}
