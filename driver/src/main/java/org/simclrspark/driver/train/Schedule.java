package org.simclrspark.driver.train;

import org.simclrspark.driver.config.CheckpointConfig;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.optimizer.LearningRate;

/**
 * Which step comes when: epochs, the learning rate, checkpoints and evaluations.
 *
 * @param images M
 * @param stepsPerEpoch M / K, the incomplete last step dropped
 * @param totalSteps that the learning rate is planned for
 * @param lastStep at which the run ends, at most {@code totalSteps}
 * @param learningRate of every step
 * @param checkpoint when the state is saved
 * @param evaluateSteps steps between evaluations; 0 for none but the last
 */
public record Schedule(
    long images,
    int stepsPerEpoch,
    long totalSteps,
    long lastStep,
    LearningRate learningRate,
    CheckpointConfig checkpoint,
    long evaluateSteps) {

  /**
   * The schedule of a run.
   *
   * @param images M, at least K
   */
  public static Schedule of(SimclrConfig config, long images) {
    int batch = config.train().batch();
    int stepsPerEpoch = Math.toIntExact(images / batch);
    long totalSteps = (long) stepsPerEpoch * config.train().epochs();
    LearningRate learningRate =
        new LearningRate(
            config.optimizer().peakLearningRate(batch),
            Math.round(config.optimizer().warmupEpochs() * stepsPerEpoch),
            totalSteps,
            config.optimizer().schedule());
    return new Schedule(
        images,
        stepsPerEpoch,
        totalSteps,
        Math.min(totalSteps, config.train().steps().orElse(Integer.MAX_VALUE)),
        learningRate,
        config.checkpoint(),
        (long) config.evaluate().everyEpochs() * stepsPerEpoch);
  }

  /** The same schedule, left after so many steps at the latest. */
  Schedule upTo(long step) {
    return new Schedule(
        images,
        stepsPerEpoch,
        totalSteps,
        Math.min(lastStep, step),
        learningRate,
        checkpoint,
        evaluateSteps);
  }

  int epoch(long step) {
    return Math.toIntExact(step / stepsPerEpoch);
  }

  int stepOfEpoch(long step) {
    return Math.toIntExact(step % stepsPerEpoch);
  }

  /** Whether a checkpoint is due when so many steps are done. */
  boolean checkpointAt(long stepsDone) {
    return stepsDone == lastStep
        || isMultiple(stepsDone, checkpoint.everySteps())
        || isMultiple(stepsDone, (long) checkpoint.everyEpochs() * stepsPerEpoch);
  }

  /** Whether kNN is due when so many steps are done; the end has its own, full evaluation. */
  boolean evaluateAt(long stepsDone) {
    return stepsDone < lastStep && isMultiple(stepsDone, evaluateSteps);
  }

  private static boolean isMultiple(long steps, long interval) {
    return interval > 0 && steps % interval == 0;
  }
}
