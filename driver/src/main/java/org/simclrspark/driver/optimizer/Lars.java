package org.simclrspark.driver.optimizer;

import java.util.Map;
import org.simclrspark.worker.network.ParameterLayout;
import org.simclrspark.worker.network.ParameterLayout.Block;

/**
 * Layer-wise adaptive rate scaling, for large batches.
 *
 * <p>For each weight w with gradient g: g' = g + weightDecay * w; trust = coefficient * |w| / |g'|
 * (1 where either norm is 0); v = momentum * v + learningRate * trust * g'; w = w - v. Biases and
 * norm parameters take neither weight decay nor the trust ratio (You et al. 2017; Chen et al. 2020,
 * appendix B.6; google-research/simclr, {@code lars_optimizer.py}).
 */
public final class Lars implements Optimizer {

  private final ParameterLayout layout;
  private final float momentum;
  private final float weightDecay;
  private final double coefficient;
  private final float[] velocity;
  private long updates;

  /**
   * Starts at rest.
   *
   * @param momentum in [0, 1), 0.9 in the paper
   * @param weightDecay at least 0, 1e-6 in the paper
   * @param coefficient above 0, 0.001 in the paper
   */
  public Lars(ParameterLayout layout, double momentum, double weightDecay, double coefficient) {
    this.layout = layout;
    this.momentum = (float) momentum;
    this.weightDecay = (float) weightDecay;
    this.coefficient = coefficient;
    this.velocity = new float[layout.size()];
  }

  @Override
  public void update(float[] parameters, float[] gradient, double learningRate) {
    // Blocks are independent, so that their order of execution does not show in the result.
    layout.blocks().parallelStream()
        .forEach(block -> update(block, parameters, gradient, learningRate));
    updates++;
  }

  private void update(Block block, float[] parameters, float[] gradient, double learningRate) {
    float decay = block.adapted() ? weightDecay : 0;
    double trust = block.adapted() ? trustRatio(block, parameters, gradient) : 1;
    float rate = (float) (learningRate * trust);
    int end = block.offset() + block.length();
    for (int i = block.offset(); i < end; i++) {
      velocity[i] = momentum * velocity[i] + rate * (gradient[i] + decay * parameters[i]);
      parameters[i] -= velocity[i];
    }
  }

  private double trustRatio(Block block, float[] parameters, float[] gradient) {
    double squaredWeights = 0;
    double squaredGradients = 0;
    int end = block.offset() + block.length();
    for (int i = block.offset(); i < end; i++) {
      double w = parameters[i];
      double g = gradient[i] + weightDecay * parameters[i];
      squaredWeights += w * w;
      squaredGradients += g * g;
    }
    return squaredWeights > 0 && squaredGradients > 0
        ? coefficient * Math.sqrt(squaredWeights / squaredGradients)
        : 1;
  }

  @Override
  public Map<String, float[]> state() {
    return Map.of("momentum", velocity);
  }

  @Override
  public long updates() {
    return updates;
  }

  @Override
  public void setUpdates(long updates) {
    this.updates = updates;
  }
}
