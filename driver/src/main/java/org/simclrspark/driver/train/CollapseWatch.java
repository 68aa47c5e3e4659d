package org.simclrspark.driver.train;

import java.util.Locale;
import java.util.Optional;
import org.simclrspark.driver.step.StepResult;

/**
 * Tells when embeddings collapse: all nearly the same, whatever the image. Their standard deviation
 * is then near 0, where embeddings spread over the sphere have 1 / sqrt(d), and the loss is near
 * ln(2K - 1).
 */
final class CollapseWatch {

  private static final double SMALL_SPREAD = 0.1;
  private static final double NEAR_UNIFORM = 1e-3;

  private final int dimension;
  private final int shards;
  private boolean told;
  private boolean toldZeros;

  /**
   * Starts watching.
   *
   * @param dimension d, of an embedding
   * @param shards S, of a step
   */
  CollapseWatch(int dimension, int shards) {
    this.dimension = dimension;
    this.shards = shards;
  }

  /** Whether the embeddings of the step have collapsed. */
  boolean isCollapsed(StepResult result) {
    double spread = result.embeddings().standardDeviation() * Math.sqrt(dimension);
    double uniform = Math.log(result.loss().rows() - 1);
    return spread < SMALL_SPREAD || Math.abs(result.loss().meanLoss() - uniform) < NEAR_UNIFORM;
  }

  /** The warning, when a collapse begins. */
  Optional<String> warning(long step, StepResult result) {
    boolean collapsed = isCollapsed(result);
    boolean begins = collapsed && !told;
    told = collapsed;
    return begins
        ? Optional.of(
            String.format(
                Locale.ROOT,
                "Warning: the embeddings have collapsed in step %d: embedding_std %.4f (spread over"
                    + " the sphere: %.4f), loss %.4f (all equal: %.4f). Lower"
                    + " optimizer.learning-rate, or lengthen optimizer.warmup-epochs.",
                step,
                result.embeddings().standardDeviation(),
                1 / Math.sqrt(dimension),
                result.loss().meanLoss(),
                Math.log(result.loss().rows() - 1)))
        : Optional.empty();
  }

  /** The warning, when embeddings begin to be the zero vector. */
  Optional<String> zeroWarning(long step, StepResult result) {
    int zeros = result.embeddings().zeros();
    boolean begins = zeros > 0 && !toldZeros;
    toldZeros = zeros > 0;
    int rows = result.loss().rows();
    return begins
        ? Optional.of(
            String.format(
                Locale.ROOT,
                "Warning: %,d of %,d embeddings of step %d are the zero vector, the first that of"
                    + " image %,d of the step, in shard %d. They have similarity 0 to all others and"
                    + " no gradient. Either all images of a micro-batch are of one colour, such as"
                    + " black: remove them, or raise train.micro-batch. Or units of the network have"
                    + " died: lower optimizer.learning-rate, or lengthen optimizer.warmup-epochs.",
                zeros,
                rows,
                step,
                result.embeddings().firstZero() / 2,
                (long) result.embeddings().firstZero() * shards / rows))
        : Optional.empty();
  }
}
