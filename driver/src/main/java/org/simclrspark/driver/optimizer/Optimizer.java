package org.simclrspark.driver.optimizer;

import java.util.Map;

/**
 * The outer optimizer: turns the global gradient, theta minus the mean over shards of theta_s, into
 * the next shared parameters.
 *
 * <p>It stands on the driver, after averaging. A trust ratio or a second moment computed on a shard
 * would not average to that of the whole batch; a plain gradient does.
 */
public interface Optimizer {

  /**
   * Moves the parameters.
   *
   * @param parameters theta, changed in place
   * @param gradient the exact gradient of L over the global batch; left as it is
   * @param learningRate of this step, in (0, infinity)
   */
  void update(float[] parameters, float[] gradient, double learningRate);

  /**
   * The state by name, each of the parameters' length: the arrays themselves, to save and to
   * restore into.
   */
  Map<String, float[]> state();

  /** Number of updates made. */
  long updates();

  /** Goes on after a restart; the arrays of {@link #state()} are filled by the caller. */
  void setUpdates(long updates);
}
