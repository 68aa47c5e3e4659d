package org.simclrspark.driver.step;

import java.util.Locale;

/** Says that numbers went bad: in which step, phase and shard. The last checkpoint stays good. */
public final class DivergedException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private DivergedException(String message) {
    super(message);
  }

  static DivergedException loss(long step, double value) {
    return of(step, "loss", "the loss is " + value);
  }

  /** Throws if a value is NaN or infinite. */
  static void checkFinite(float[] values, long step, String phase, String where) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw of(step, phase, String.format(Locale.ROOT, "%s holds %s", where, value));
      }
    }
  }

  private static DivergedException of(long step, String phase, String what) {
    return new DivergedException(
        "Training diverged in step "
            + step
            + ", phase "
            + phase
            + ": "
            + what
            + ". Lower optimizer.learning-rate or lengthen optimizer.warmup-epochs, and start again"
            + " from the last checkpoint.");
  }
}
