package org.simclrspark.driver.config;

/**
 * The outer optimizer and the schedule of its learning rate.
 *
 * @param name which optimizer
 * @param learningRate before scaling
 * @param scaling how it grows with the batch
 * @param warmupEpochs over which the learning rate rises from 0; may be fractional
 * @param schedule what it does afterwards
 * @param momentum of LARS and SGD
 * @param nesterov whether SGD looks ahead
 * @param weightDecay of the blocks that are adapted
 * @param trustCoefficient eta of LARS
 * @param beta1 Adam's decay of the mean
 * @param beta2 Adam's decay of the variance
 * @param epsilon Adam's smallest denominator
 */
public record OptimizerConfig(
    Name name,
    double learningRate,
    Scaling scaling,
    double warmupEpochs,
    Schedule schedule,
    double momentum,
    boolean nesterov,
    double weightDecay,
    double trustCoefficient,
    double beta1,
    double beta2,
    double epsilon) {

  /** Which optimizer. */
  public enum Name {
    /** Layer-wise adaptive rate scaling (You et al. 2017). */
    LARS,
    /** Stochastic gradient descent with momentum. */
    SGD,
    /** Adam (Kingma and Ba 2015). */
    ADAM
  }

  /** How the learning rate grows with the batch K. */
  public enum Scaling {
    /** learning-rate * K / 256. */
    LINEAR,
    /** learning-rate * sqrt(K) (Chen et al. 2020, appendix B.1). */
    SQUARE_ROOT,
    /** Not at all. */
    NONE
  }

  /** What the learning rate does after the warm-up. */
  public enum Schedule {
    /** Falls to 0 along half a cosine (Loshchilov and Hutter 2017). */
    COSINE,
    /** Stays. */
    CONSTANT
  }

  static OptimizerConfig read(Section section) {
    Range decay = Range.fromUpTo(0, 1);
    return new OptimizerConfig(
        section.choice("name", Name.class),
        section.real("learning-rate", Range.above(0)),
        section.choice("scaling", Scaling.class),
        section.real("warmup-epochs", Range.atLeast(0)),
        section.choice("schedule", Schedule.class),
        section.real("momentum", decay),
        section.flag("nesterov"),
        section.real("weight-decay", Range.atLeast(0)),
        section.real("trust-coefficient", Range.above(0)),
        section.real("beta1", decay),
        section.real("beta2", decay),
        section.real("epsilon", Range.above(0)));
  }

  /** The learning rate after warm-up, for a batch of K images. */
  public double peakLearningRate(int batch) {
    return switch (scaling) {
      case LINEAR -> learningRate * batch / 256;
      case SQUARE_ROOT -> learningRate * Math.sqrt(batch);
      case NONE -> learningRate;
    };
  }
}
