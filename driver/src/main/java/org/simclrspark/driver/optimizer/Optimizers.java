package org.simclrspark.driver.optimizer;

import org.simclrspark.driver.config.OptimizerConfig;
import org.simclrspark.worker.network.ParameterLayout;

/** Makes the optimizer that a configuration names. */
public final class Optimizers {

  private Optimizers() {}

  /** A new optimizer, with no updates made. */
  public static Optimizer create(OptimizerConfig config, ParameterLayout layout) {
    return switch (config.name()) {
      case SGD -> new Sgd(layout, config.momentum(), config.nesterov(), config.weightDecay());
      case LARS ->
          new Lars(layout, config.momentum(), config.weightDecay(), config.trustCoefficient());
      case ADAM ->
          new Adam(layout, config.beta1(), config.beta2(), config.epsilon(), config.weightDecay());
    };
  }
}
