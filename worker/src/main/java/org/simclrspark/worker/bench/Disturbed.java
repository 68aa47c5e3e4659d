package org.simclrspark.worker.bench;

import java.util.Random;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.network.ParameterLayout;

/** Parameters to compare engines at: initial ones, their norms moved off 1 and 0. */
public final class Disturbed {

  private Disturbed() {}

  /**
   * Makes them.
   *
   * @param shift of channels, which opens or shuts each for its ReLU so that no rounding error
   *     decides whether an activation passes: normalised values have a standard deviation of 1; 0
   *     leaves them to their signs
   */
  public static float[] parameters(Network network, float shift, Random random) {
    float[] parameters = network.initialParameters(1);
    for (ParameterLayout.Block block : network.layout().blocks()) {
      if (block.adapted()) {
        continue;
      }
      boolean isShift = block.name().endsWith(".shift");
      for (int i = 0; i < block.length(); i++) {
        parameters[block.offset() + i] += 0.1f * (float) random.nextGaussian();
        if (isShift) {
          // The same channels everywhere, so that residual additions keep the sign.
          parameters[block.offset() + i] += i % 3 == 1 ? -shift : shift;
        }
      }
    }
    return parameters;
  }
}
