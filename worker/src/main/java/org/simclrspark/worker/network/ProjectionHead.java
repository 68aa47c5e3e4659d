package org.simclrspark.worker.network;

import org.simclrspark.worker.network.EncoderSettings.Norm;
import org.simclrspark.worker.network.Network.Dense;
import org.simclrspark.worker.network.Network.Tensor;

/**
 * The projection head g of Chen et al. 2020: z = g(h), as in {@code model_util.py} of
 * google-research/simclr: each layer dense without bias, then a norm, ReLU after all but the last,
 * whose norm has no shift. With group norm, hidden layers have a norm over their units and the last
 * layer has none, so that no result depends on the micro-batch.
 */
final class ProjectionHead {

  private final EncoderSettings settings;
  private final NetworkBuilder builder;

  ProjectionHead(EncoderSettings settings, NetworkBuilder builder) {
    this.settings = settings;
    this.builder = builder;
  }

  /** Adds its operations, the last of which has the embedding z as its output. */
  void project(Tensor h) {
    boolean batch = settings.norm() == Norm.BATCH;
    Tensor x = h;
    for (int layer = 1; layer <= settings.projectionLayers(); layer++) {
      boolean isLast = layer == settings.projectionLayers();
      String name = "projection.layer" + layer;
      int units = isLast ? settings.embeddingSize() : settings.projectionHidden();
      Tensor y = builder.tensor(units, 1);
      builder.add(new Dense(x, y, builder.block(name + ".weight", true, units, x.channels())));
      if (batch || !isLast) {
        Tensor out = builder.tensor(units, 1);
        builder.norm(name, y, null, out, !isLast, batch ? 0 : 1, !isLast);
        y = out;
      }
      x = y;
    }
  }
}
