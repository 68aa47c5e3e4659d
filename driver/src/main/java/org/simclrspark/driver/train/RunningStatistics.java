package org.simclrspark.driver.train;

/**
 * Batch-norm statistics for evaluation: an exponential average over steps of the mean and variance
 * of all views of a step, with the decay of google-research/simclr ({@code batch_norm_decay}). The
 * first step sets it, so that short runs are not drawn towards an arbitrary start.
 */
final class RunningStatistics {

  private static final float MOMENTUM = 0.9f;

  private final float[] values;
  private boolean started;

  /**
   * Goes on from saved values.
   *
   * @param values to go on from, changed in place
   * @param started whether they hold a step yet
   */
  RunningStatistics(float[] values, boolean started) {
    this.values = values;
    this.started = started;
  }

  /** Takes in a step. */
  void add(float[] ofStep) {
    float old = started ? MOMENTUM : 0;
    for (int i = 0; i < values.length; i++) {
      values[i] = old * values[i] + (1 - old) * ofStep[i];
    }
    started = true;
  }

  /** The average itself; it changes with the next step. */
  float[] values() {
    return values;
  }
}
