package org.simclrspark.driver.checkpoint;

/**
 * Everything that the next step depends on. Arrays are not copied: hand over ones that do not
 * change while they are being saved.
 *
 * @param step steps done, 0 or more
 * @param epoch of the next step, from 0
 * @param parameters the shared parameters theta, flat
 * @param runningStatistics batch-norm statistics for evaluation, flat; empty without batch norm
 * @param optimizer state of the outer optimizer
 * @param configuration the resolved configuration, as text
 */
@SuppressWarnings("ArrayRecordComponent") // A bundle of large arrays, compared by nobody.
public record TrainingState(
    long step,
    int epoch,
    float[] parameters,
    float[] runningStatistics,
    OptimizerState optimizer,
    String configuration) {

  public TrainingState {
    if (step < 0 || step > 99_999_999) {
      throw new IllegalArgumentException("step must be in 0..99999999, found " + step);
    }
    if (epoch < 0) {
      throw new IllegalArgumentException("epoch must be non-negative, found " + epoch);
    }
  }
}
