package org.simclrspark.worker;

import java.io.Serializable;
import java.util.UUID;
import org.simclrspark.worker.engine.Engine;
import org.simclrspark.worker.engine.EngineSource;
import org.simclrspark.worker.shard.EmbeddedShard;
import org.simclrspark.worker.shard.MicroBatches;
import org.simclrspark.worker.shard.RawFloats;
import org.simclrspark.worker.shard.ShardGradient;
import org.simclrspark.worker.shard.ShardPass;
import org.simclrspark.worker.shard.ShardPlan;
import org.simclrspark.worker.shard.ShardViews;

/**
 * Runs the encoder over a shard, micro-batch by micro-batch: forward to its embeddings, and later,
 * when the gradient at the embeddings is known, backward to that of the parameters.
 *
 * <p>Between the two, activations are kept where they fit a budget; the other micro-batches run
 * forward again, one at a time, so a shard may be of any size (gradient caching, Gao et al. 2021).
 * Both ways give the same bits.
 */
public final class ShardWorker implements Serializable {

  private static final long serialVersionUID = 1;

  private final EngineSource engines;
  private final ShardPlan plan;
  private final long activationMemory;

  /**
   * Makes a worker.
   *
   * @param engines where tasks borrow their engines
   * @param plan how a shard is split
   * @param activationMemory bytes of activations that an engine keeps between forward and backward
   */
  public ShardWorker(EngineSource engines, ShardPlan plan, long activationMemory) {
    this.engines = engines;
    this.plan = plan;
    this.activationMemory = activationMemory;
  }

  /**
   * Embeds a shard.
   *
   * @param step which run of which step this is; kept activations belong to it
   * @param shard which shard
   * @param views of the shard's images
   * @param parameters shared parameters
   */
  public EmbeddedShard embed(UUID step, int shard, ShardViews views, float[] parameters) {
    try (EngineSource.Loan loan = engines.borrow(step, shard)) {
      Engine engine = loan.engine();
      engine.load(step, parameters);
      MicroBatches batches = new MicroBatches(views.images(), plan.microBatch());
      return new EmbeddedShard(
          batches.images(),
          new RawFloats(engine.embed(pass(step, shard), views, batches)),
          views.damaged(),
          views.repaired());
    }
  }

  /**
   * What the shard takes off the shared parameters in a plain gradient step of length 1, times the
   * number of shards: the mean over the shards is then the gradient of L, and to subtract it is to
   * average the parameters that the shards would have arrived at.
   *
   * @param step as for {@link #embed}
   * @param shard which shard
   * @param views of the shard's images
   * @param parameters shared parameters
   * @param embeddingGradients dL/dz of the shard's rows, [2 images, d], row-major
   * @return the gradient, and the statistics that the forward pass found on the way
   */
  public ShardGradient backward(
      UUID step, int shard, ShardViews views, float[] parameters, float[] embeddingGradients) {
    try (EngineSource.Loan loan = engines.borrow(step, shard)) {
      Engine engine = loan.engine();
      engine.load(step, parameters);
      MicroBatches batches = new MicroBatches(views.images(), plan.microBatch());
      Engine.Sum sum = engine.backward(pass(step, shard), views, batches, embeddingGradients);
      float[] gradient = sum.gradient();
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] *= plan.shards();
      }
      return new ShardGradient(gradient, sum.statistics());
    }
  }

  private ShardPass pass(UUID step, int shard) {
    return new ShardPass(step, shard, activationMemory);
  }
}
