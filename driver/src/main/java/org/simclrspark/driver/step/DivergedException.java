package org.simclrspark.driver.step;

/** Says that numbers went bad: in which step, phase and shard. The last checkpoint stays good. */
public final class DivergedException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private DivergedException(String message) {
    super(message);
  }

  static DivergedException loss(long step, double value) {
    return of(step, "loss", "the loss is " + value);
  }

  static DivergedException gradient(long step, int shard) {
    return of(step, "backward", "the gradient of shard " + shard + " is not finite");
  }

  /** Throws if an embedding of the shard is NaN or infinite. */
  static void checkEmbeddings(float[] embeddings, long step, int shard) {
    for (float value : embeddings) {
      if (!Float.isFinite(value)) {
        throw of(step, "embed", "an embedding of shard " + shard + " holds " + value);
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
