package org.simclrspark.driver.train;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.simclrspark.driver.checkpoint.OptimizerState;
import org.simclrspark.driver.checkpoint.TrainingState;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.metrics.LiveTraining;
import org.simclrspark.driver.optimizer.Optimizer;
import org.simclrspark.driver.report.FailureWords;
import org.simclrspark.driver.report.Metrics;
import org.simclrspark.driver.report.Progress;
import org.simclrspark.driver.run.StopRequest;
import org.simclrspark.driver.step.LostWork;
import org.simclrspark.driver.step.Phase;
import org.simclrspark.driver.step.StepResult;
import org.simclrspark.driver.step.StepViews;
import org.simclrspark.driver.step.TrainingStep;
import org.simclrspark.worker.DamagedImage;

/**
 * The training loop: step after step, the outer optimizer behind each, and what is due between
 * them.
 */
final class Trainer {

  /** How often a step is computed that the cluster keeps losing. */
  private static final int STEP_ATTEMPTS = 3;

  /** How many images are named whose flaws cost no pixels. */
  private static final int REPAIRED_TOLD = 3;

  /** What the loop calls when a checkpoint or an evaluation is due. */
  interface Events {

    /** Saves the state. */
    void commit(TrainingState state);

    /** What the metrics tell of the encoder, by name; empty without test images. */
    Map<String, Object> evaluate(TrainingState state);

    /** A step is done. */
    void stepDone();

    /** Executors that were lost since this was called last. */
    int executorsLost();
  }

  private final SimclrConfig config;
  private final Schedule schedule;
  private final EpochOrder order;
  private final TrainingStep trainingStep;
  private final Optimizer optimizer;
  private final Metrics metrics;
  private final Progress progress;
  private final float[] parameters;
  private final RunningStatistics statistics;
  private final CollapseWatch collapse;
  private final Set<String> damaged = new HashSet<>();
  private boolean toldRepaired;
  private final long resumedAfter;
  private long stepsDone;
  private StepViews ahead;

  /**
   * Goes on from a state.
   *
   * @param order the images of every step
   * @param state to go on from; its arrays are changed
   */
  Trainer(
      SimclrConfig config,
      Schedule schedule,
      EpochOrder order,
      TrainingStep trainingStep,
      Optimizer optimizer,
      TrainingState state,
      Metrics metrics,
      Progress progress) {
    this.config = config;
    this.schedule = schedule;
    this.order = order;
    this.trainingStep = trainingStep;
    this.optimizer = optimizer;
    this.metrics = metrics;
    this.progress = progress;
    this.parameters = state.parameters();
    this.statistics = new RunningStatistics(state.runningStatistics(), state.step() > 0);
    this.collapse = new CollapseWatch(config.projection().dim(), config.train().shards());
    this.stepsDone = state.step();
    this.resumedAfter = stepsDone;
    restore(state.optimizer());
  }

  /**
   * Trains until the last step, or until it is asked to stop.
   *
   * @return the state at the end, saved
   */
  TrainingState train(StopRequest stop, Events events) {
    progress.started(stepsDone, schedule.lastStep());
    boolean saved = stepsDone > 0;
    try {
      while (stepsDone < schedule.lastStep() && !stop.isRequested()) {
        if (!step(stop, events)) {
          break;
        }
        saved = schedule.checkpointAt(stepsDone);
        if (saved) {
          metrics.flush();
          events.commit(state());
        }
        if (schedule.evaluateAt(stepsDone)) {
          evaluate(stop, events);
        }
      }
    } finally {
      if (ahead != null) {
        ahead.close();
      }
    }
    TrainingState state = state();
    if (!saved) {
      metrics.flush();
      events.commit(state);
    }
    return state;
  }

  /** Returns false if the step was given up because training is to stop. */
  private boolean step(StopRequest stop, Events events) {
    long started = System.nanoTime();
    int epoch = schedule.epoch(stepsDone);
    StepViews views = ahead != null ? ahead : views(stepsDone);
    ahead = null;
    Optional<StepResult> done = stop.unlessCancelled(() -> compute(views));
    if (done.isEmpty()) {
      return false;
    }
    StepResult result = done.get();

    double learningRate = schedule.learningRate().at(stepsDone);
    long updating = System.nanoTime();
    optimizer.update(parameters, result.gradient(), learningRate);
    statistics.add(result.statistics());
    long ended = System.nanoTime();

    stepsDone++;
    events.stepDone();
    Map<Phase, Double> seconds = new EnumMap<>(result.cost().seconds());
    seconds.merge(Phase.UPDATE, (ended - updating) / 1e9, Double::sum);
    Map<String, Object> line =
        line(result, epoch, learningRate, (ended - started) / 1e9, events.executorsLost(), seconds);
    metrics.append(line);
    LiveTraining.CURRENT.step(line);
    return true;
  }

  /** Five digits are enough to draw. */
  private static List<Double> rounded(List<Double> values) {
    return values.stream()
        .filter(Double::isFinite)
        .map(value -> new BigDecimal(value).round(new MathContext(5)).doubleValue())
        .toList();
  }

  /** Computes the step, and again where the cluster lost so much that Spark has given it up. */
  private StepResult compute(StepViews first) {
    StepViews views = first;
    for (int attempt = 1; ; attempt++) {
      try {
        return trainingStep.run(stepsDone + 1, views, parameters, this::makeAhead);
      } catch (Exception e) {
        // Not only unchecked ones: Spark, which is written in Scala, declares none.
        if (attempt == STEP_ATTEMPTS || !LostWork.isBehind(e)) {
          throw e;
        }
        progress.message(
            "Step "
                + (stepsDone + 1)
                + " is computed again: the cluster lost executors faster than Spark could replace"
                + " their work.");
        if (ahead != null) {
          ahead.close();
          ahead = null;
        }
        views = views(stepsDone);
      }
    }
  }

  /** Judges the encoder; whatever goes wrong with that is no reason to end the training. */
  private void evaluate(StopRequest stop, Events events) {
    try {
      stop.unlessStopped(() -> events.evaluate(state())).ifPresent(this::amend);
    } catch (Exception | OutOfMemoryError e) {
      progress.message(
          "Warning: the evaluation after step "
              + stepsDone
              + " failed, and training goes on: "
              + FailureWords.of(e));
    }
  }

  private void amend(Map<String, Object> values) {
    metrics.amend(values);
    LiveTraining.CURRENT.evaluated(values);
  }

  /** Tells how the step went, and returns its line for the metrics. */
  private Map<String, Object> line(
      StepResult result,
      int epoch,
      double learningRate,
      double stepSeconds,
      int executorsLost,
      Map<Phase, Double> seconds) {
    double imagesPerSecond = (config.train().batch() - result.images().skipped()) / stepSeconds;
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("step", stepsDone);
    line.put("epoch", epoch);
    line.put("time", System.currentTimeMillis() / 1e3);
    line.put("loss", result.loss().meanLoss());
    line.put("contrastive_accuracy", result.loss().contrastiveAccuracy());
    line.put("contrastive_entropy", result.loss().contrastiveEntropy());
    line.put("embedding_std", result.embeddings().standardDeviation());
    line.put("effective_rank", result.embeddings().effectiveRank());
    line.put("collapsed", collapse.isCollapsed(result));
    if (stepsDone == 1 || stepsDone % schedule.stepsPerEpoch() == 0) {
      line.put("spectrum", rounded(result.embeddings().spectrum()));
    }
    line.put("learning_rate", learningRate);
    line.put("images_per_second", imagesPerSecond);
    line.put("images_skipped", result.images().skipped());
    line.put("images_repaired", result.images().repaired().size());
    line.put("executors_lost", executorsLost);
    if (stepsDone == resumedAfter + 1 && resumedAfter > 0) {
      line.put("resumed", true);
    }
    line.put("seconds", Phase.byLabel(seconds));
    line.put("bytes", Phase.byLabel(result.cost().bytes()));
    line.put("memory", result.cost().memory());
    line.put("reads", order.counters().sinceLastTime());
    progress.step(
        stepsDone,
        (double) stepsDone / schedule.stepsPerEpoch(),
        result.loss().meanLoss(),
        result.loss().contrastiveAccuracy(),
        imagesPerSecond);
    collapse.warning(stepsDone, result).ifPresent(progress::message);
    collapse.zeroWarning(stepsDone, result).ifPresent(progress::message);
    tellDamaged(result);
    tellRepaired(result);
    return line;
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

  /** The next step's views are made while this step ends. */
  private void makeAhead() {
    if (stepsDone + 1 < schedule.lastStep()) {
      ahead = views(stepsDone + 1);
      trainingStep.makeAhead(ahead);
    }
  }

  private StepViews views(long step) {
    return trainingStep.views(schedule.epoch(step), order.step(step));
  }

  private void restore(OptimizerState saved) {
    saved
        .slots()
        .forEach(
            (name, values) ->
                System.arraycopy(values, 0, optimizer.state().get(name), 0, values.length));
    optimizer.setUpdates(saved.updates());
  }

  private TrainingState state() {
    return new TrainingState(
        stepsDone,
        schedule.epoch(stepsDone),
        parameters,
        statistics.values(),
        OptimizerState.of(optimizer.updates(), optimizer.state()),
        config.render());
  }
}
