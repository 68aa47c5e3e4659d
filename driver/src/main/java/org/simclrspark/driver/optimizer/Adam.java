package org.simclrspark.driver.optimizer;

import java.util.Map;
import java.util.TreeMap;
import org.simclrspark.worker.network.ParameterLayout;
import org.simclrspark.worker.network.ParameterLayout.Block;

/**
 * Adam with decoupled weight decay.
 *
 * <p>m = beta1 * m + (1 - beta1) * g; v = beta2 * v + (1 - beta2) * g^2; theta = theta -
 * learningRate * (m' / (sqrt(v') + epsilon) + weightDecay * theta), with m' and v' corrected for
 * their start at zero (Kingma and Ba 2015; Loshchilov and Hutter 2019). Weight decay leaves out
 * biases and norm parameters. For short runs and small batches, where its default learning rate
 * works untuned.
 */
public final class Adam implements Optimizer {

  private final ParameterLayout layout;
  private final double beta1;
  private final double beta2;
  private final double epsilon;
  private final double weightDecay;
  private final float[] mean;
  private final float[] variance;
  private long updates;

  /**
   * Starts with both moments at zero.
   *
   * @param beta1 in [0, 1), 0.9 in the paper
   * @param beta2 in [0, 1), 0.999 in the paper
   * @param epsilon above 0, 1e-8 in the paper
   * @param weightDecay at least 0
   */
  public Adam(
      ParameterLayout layout, double beta1, double beta2, double epsilon, double weightDecay) {
    this.layout = layout;
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
    this.weightDecay = weightDecay;
    this.mean = new float[layout.size()];
    this.variance = new float[layout.size()];
  }

  @Override
  public void update(float[] parameters, float[] gradient, double learningRate) {
    updates++;
    double rate = learningRate / (1 - StrictMath.pow(beta1, updates));
    float correction = (float) (1 / (1 - StrictMath.pow(beta2, updates)));
    float b1 = (float) beta1;
    float b2 = (float) beta2;
    float c1 = (float) (1 - beta1);
    float c2 = (float) (1 - beta2);
    float scaledRate = (float) rate;
    float eps = (float) epsilon;
    for (Block block : layout.blocks()) {
      float decay = block.adapted() ? (float) (learningRate * weightDecay) : 0;
      int end = block.offset() + block.length();
      for (int i = block.offset(); i < end; i++) {
        float g = gradient[i];
        mean[i] = b1 * mean[i] + c1 * g;
        variance[i] = b2 * variance[i] + c2 * g * g;
        float move = scaledRate * mean[i] / ((float) Math.sqrt(correction * variance[i]) + eps);
        parameters[i] -= move + decay * parameters[i];
      }
    }
  }

  @Override
  public Map<String, float[]> state() {
    Map<String, float[]> state = new TreeMap<>();
    state.put("mean", mean);
    state.put("variance", variance);
    return state;
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
