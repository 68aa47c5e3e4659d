package org.simclrspark.driver.train;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.simclrspark.data.index.ReadCounters;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.report.Metrics;
import org.simclrspark.driver.report.Progress;
import org.simclrspark.driver.step.Phase;
import org.simclrspark.driver.step.StepResult;
import org.simclrspark.worker.shard.DamagedImage;

/** What is told of every step: its line in the metrics, the progress, and warnings. */
final class StepLog {

  /** How many images are named whose flaws cost no pixels. */
  private static final int REPAIRED_TOLD = 3;

  private final int batch;
  private final Schedule schedule;
  private final ReadCounters reads;
  private final Metrics metrics;
  private final Progress progress;
  private final CollapseWatch collapse;
  private final long resumedAfter;
  private final Set<String> damaged = new HashSet<>();
  private boolean toldRepaired;

  /**
   * Tells nothing yet.
   *
   * @param order of the steps, which counts what is read for them
   * @param resumedAfter steps that earlier drivers did; 0 if the run starts
   */
  StepLog(
      SimclrConfig config,
      EpochOrder order,
      Metrics metrics,
      Progress progress,
      long resumedAfter) {
    this.batch = config.train().batch();
    this.schedule = order.schedule();
    this.reads = order.counters();
    this.metrics = metrics;
    this.progress = progress;
    this.collapse = new CollapseWatch(config.projection().dim(), config.train().shards());
    this.resumedAfter = resumedAfter;
  }

  /** Training starts. */
  void started() {
    progress.started(resumedAfter, schedule.lastStep());
  }

  /**
   * A step is done.
   *
   * @param step counted from 1
   * @param stepSeconds that it took
   * @param seconds of its phases
   * @param executorsLost since the step before
   * @param engineBytes in and out of the tasks' engines since the step before
   */
  void step(
      long step,
      StepResult result,
      double stepSeconds,
      Map<Phase, Double> seconds,
      int executorsLost,
      Map<String, Long> engineBytes) {
    double imagesPerSecond = (batch - result.images().skipped()) / stepSeconds;
    Map<String, Object> line =
        line(step, result, imagesPerSecond, seconds, executorsLost, engineBytes);
    progress.step(
        step,
        (double) step / schedule.stepsPerEpoch(),
        result.loss().meanLoss(),
        result.loss().contrastiveAccuracy(),
        imagesPerSecond);
    collapse.warning(step, result).ifPresent(progress::message);
    collapse.zeroWarning(step, result).ifPresent(progress::message);
    tellDamaged(result);
    tellRepaired(result);
    metrics.append(line);
  }

  /** Adds what an evaluation found to the last step's line. */
  void evaluated(Map<String, Object> values) {
    metrics.amend(values);
  }

  /** Makes the lines of all steps so far visible to readers. */
  void flush() {
    metrics.flush();
  }

  /** Shows a line. */
  void message(String text) {
    progress.message(text);
  }

  private Map<String, Object> line(
      long step,
      StepResult result,
      double imagesPerSecond,
      Map<Phase, Double> seconds,
      int executorsLost,
      Map<String, Long> engineBytes) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("step", step);
    line.put("epoch", schedule.epoch(step - 1));
    line.put("time", System.currentTimeMillis() / 1e3);
    line.put("loss", result.loss().meanLoss());
    line.put("contrastive_accuracy", result.loss().contrastiveAccuracy());
    line.put("contrastive_entropy", result.loss().contrastiveEntropy());
    line.put("embedding_std", result.embeddings().standardDeviation());
    line.put("effective_rank", result.embeddings().effectiveRank());
    line.put("collapsed", collapse.isCollapsed(result));
    if (step == 1 || step % schedule.stepsPerEpoch() == 0) {
      line.put("spectrum", rounded(result.embeddings().spectrum()));
    }
    line.put("learning_rate", schedule.learningRate().at(step - 1));
    line.put("images_per_second", imagesPerSecond);
    line.put("images_skipped", result.images().skipped());
    line.put("images_repaired", result.images().repaired().size());
    line.put("executors_lost", executorsLost);
    if (step == resumedAfter + 1 && resumedAfter > 0) {
      line.put("resumed", true);
    }
    line.put("seconds", Phase.byLabel(seconds));
    line.put("bytes", Phase.byLabel(result.cost().bytes()));
    line.put("engine_bytes", engineBytes);
    line.put("memory", result.cost().memory());
    line.put("reads", reads.sinceLastTime());
    return line;
  }

  /** Five digits are enough to draw. */
  private static List<Double> rounded(List<Double> values) {
    return values.stream()
        .filter(Double::isFinite)
        .map(value -> new BigDecimal(value).round(new MathContext(5)).doubleValue())
        .toList();
  }

  /** A line for every damaged image, when it is met first. */
  private void tellDamaged(StepResult result) {
    for (DamagedImage image : result.images().damaged()) {
      if (damaged.add(image.name())) {
        progress.message("Skipped " + image.name() + ": " + image.reason());
      }
    }
  }

  /** One line about the first ones; the metrics count them all. */
  private void tellRepaired(StepResult result) {
    List<DamagedImage> repaired = result.images().repaired();
    if (repaired.isEmpty() || toldRepaired) {
      return;
    }
    toldRepaired = true;
    String first =
        repaired.stream()
            .limit(REPAIRED_TOLD)
            .map(image -> image.name() + " (" + image.reason() + ")")
            .collect(Collectors.joining(", "));
    progress.message(
        "Images with flaws that cost no pixels are taken as they are, and counted as"
            + " images_repaired: "
            + first
            + (repaired.size() > REPAIRED_TOLD ? ", ..." : ""));
  }
}
