package org.simclrspark.driver.train;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.simclrspark.driver.checkpoint.OptimizerState;
import org.simclrspark.driver.checkpoint.TrainingState;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.optimizer.Optimizer;
import org.simclrspark.driver.report.FailureWords;
import org.simclrspark.driver.run.StopRequest;
import org.simclrspark.driver.step.LostWork;
import org.simclrspark.driver.step.Phase;
import org.simclrspark.driver.step.StepResult;
import org.simclrspark.driver.step.StepViews;
import org.simclrspark.driver.step.TrainingStep;

/**
 * The training loop: step after step, the outer optimizer behind each, and what is due between
 * them.
 */
final class Trainer {

  /** How often a step is computed that the cluster keeps losing. */
  private static final int STEP_ATTEMPTS = 3;

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

    /** Bytes in and out of the tasks' engines since this was called last. */
    Map<String, Long> engineBytes();
  }

  private final SimclrConfig config;
  private final Schedule schedule;
  private final EpochOrder order;
  private final TrainingStep trainingStep;
  private final Optimizer optimizer;
  private final StepLog log;
  private final float[] parameters;
  private final RunningStatistics statistics;
  private long stepsDone;
  private StepViews ahead;

  /**
   * Goes on from a state.
   *
   * @param order the images of every step
   * @param state to go on from; its arrays are changed
   * @param log is told of every step
   */
  Trainer(
      SimclrConfig config,
      EpochOrder order,
      TrainingStep trainingStep,
      Optimizer optimizer,
      TrainingState state,
      StepLog log) {
    this.config = config;
    this.schedule = order.schedule();
    this.order = order;
    this.trainingStep = trainingStep;
    this.optimizer = optimizer;
    this.log = log;
    this.parameters = state.parameters();
    this.statistics = new RunningStatistics(state.runningStatistics(), state.step() > 0);
    this.stepsDone = state.step();
    restore(state.optimizer());
  }

  /**
   * Trains until the last step, or until it is asked to stop.
   *
   * @return the state at the end, saved
   */
  TrainingState train(StopRequest stop, Events events) {
    log.started();
    boolean saved = stepsDone > 0;
    try {
      while (stepsDone < schedule.lastStep() && !stop.isRequested()) {
        if (!step(stop, events)) {
          break;
        }
        saved = schedule.checkpointAt(stepsDone);
        if (saved) {
          log.flush();
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
      log.flush();
      events.commit(state);
    }
    return state;
  }

  /** Returns false if the step was given up because training is to stop. */
  private boolean step(StopRequest stop, Events events) {
    long started = System.nanoTime();
    StepViews views = ahead != null ? ahead : views(stepsDone);
    ahead = null;
    Optional<StepResult> done = stop.unlessCancelled(() -> compute(views));
    if (done.isEmpty()) {
      return false;
    }
    StepResult result = done.get();

    long updating = System.nanoTime();
    optimizer.update(parameters, result.gradient(), schedule.learningRate().at(stepsDone));
    statistics.add(result.statistics());
    long ended = System.nanoTime();

    stepsDone++;
    events.stepDone();
    Map<Phase, Double> seconds = new EnumMap<>(result.cost().seconds());
    seconds.merge(Phase.UPDATE, (ended - updating) / 1e9, Double::sum);
    log.step(
        stepsDone,
        result,
        (ended - started) / 1e9,
        seconds,
        events.executorsLost(),
        events.engineBytes());
    return true;
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
        log.message(
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
      stop.unlessStopped(() -> events.evaluate(state())).ifPresent(log::evaluated);
    } catch (Exception | OutOfMemoryError e) {
      log.message(
          "Warning: the evaluation after step "
              + stepsDone
              + " failed, and training goes on: "
              + FailureWords.of(e));
    }
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
