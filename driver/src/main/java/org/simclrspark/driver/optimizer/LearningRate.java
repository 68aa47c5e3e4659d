package org.simclrspark.driver.optimizer;

import org.simclrspark.driver.config.OptimizerConfig.Schedule;

/**
 * The learning rate of every step: a linear warm-up, then a half cosine down to 0, or a constant
 * (Loshchilov and Hutter 2017, without restarts; Goyal et al. 2017 for warm-up).
 *
 * @param peak the rate at the end of the warm-up, above 0
 * @param warmupSteps steps of the warm-up, at least 0
 * @param totalSteps steps of the whole run, at least 1
 * @param schedule what follows the warm-up
 */
public record LearningRate(double peak, long warmupSteps, long totalSteps, Schedule schedule) {

  /**
   * The rate of a step.
   *
   * @param step counted from 0
   */
  public double at(long step) {
    if (step < warmupSteps) {
      return peak * (step + 1) / warmupSteps;
    }
    if (schedule == Schedule.CONSTANT) {
      return peak;
    }
    double progress = (double) (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps);
    return peak * 0.5 * (1 + StrictMath.cos(StrictMath.PI * Math.min(1, progress)));
  }
}
