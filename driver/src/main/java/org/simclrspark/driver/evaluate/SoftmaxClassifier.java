package org.simclrspark.driver.evaluate;

import java.io.Serializable;
import org.simclrspark.worker.machine.Natives;
import org.simclrspark.worker.onednn.SoftmaxTiles;
import org.simclrspark.worker.shard.RawFloats;

/**
 * A linear classifier of scaled features.
 *
 * @param weights [classes, size]
 * @param biases [classes]
 * @param scale of the features
 */
record SoftmaxClassifier(RawFloats weights, float[] biases, FeatureScale scale)
    implements Serializable {

  /** The classifier with weights, [classes, size], and biases behind them, [classes]. */
  static SoftmaxClassifier of(double[] parameters, int classes, FeatureScale scale) {
    float[] weights = new float[parameters.length - classes];
    float[] biases = new float[classes];
    for (int i = 0; i < parameters.length; i++) {
      if (i < weights.length) {
        weights[i] = (float) parameters[i];
      } else {
        biases[i - weights.length] = (float) parameters[i];
      }
    }
    return new SoftmaxClassifier(new RawFloats(weights), biases, scale);
  }

  /** The classifier on a task's threads; the caller closes it. */
  SoftmaxTiles tiles(int threads) {
    int size = scale.means().length;
    SoftmaxTiles tiles = new SoftmaxTiles(biases.length, size, threads, Natives::limitThread);
    tiles.load(weights.values(), biases);
    return tiles;
  }
}
