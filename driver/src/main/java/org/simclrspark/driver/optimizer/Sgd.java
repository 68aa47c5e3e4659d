package org.simclrspark.driver.optimizer;

import java.util.Map;
import org.simclrspark.worker.network.ParameterLayout;
import org.simclrspark.worker.network.ParameterLayout.Block;

/**
 * Stochastic gradient descent with momentum.
 *
 * <p>g = gradient + weightDecay * theta; v = momentum * v + g; theta = theta - learningRate * v,
 * or, with Nesterov's momentum, theta - learningRate * (g + momentum * v) (Sutskever et al. 2013,
 * as in PyTorch). Weight decay leaves out biases and norm parameters. For batches up to about 1,024
 * images.
 */
public final class Sgd implements Optimizer {

  private final ParameterLayout layout;
  private final float momentum;
  private final float weightDecay;
  private final boolean nesterov;
  private final float[] velocity;
  private long updates;

  /**
   * Starts at rest.
   *
   * @param momentum in [0, 1)
   * @param nesterov whether a step looks ahead along the momentum
   * @param weightDecay at least 0
   */
  public Sgd(ParameterLayout layout, double momentum, boolean nesterov, double weightDecay) {
    this.layout = layout;
    this.momentum = (float) momentum;
    this.nesterov = nesterov;
    this.weightDecay = (float) weightDecay;
    this.velocity = new float[layout.size()];
  }

  @Override
  public void update(float[] parameters, float[] gradient, double learningRate) {
    float rate = (float) learningRate;
    for (Block block : layout.blocks()) {
      float decay = block.adapted() ? weightDecay : 0;
      int end = block.offset() + block.length();
      for (int i = block.offset(); i < end; i++) {
        float g = gradient[i] + decay * parameters[i];
        velocity[i] = momentum * velocity[i] + g;
        parameters[i] -= rate * (nesterov ? g + momentum * velocity[i] : velocity[i]);
      }
    }
    updates++;
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
