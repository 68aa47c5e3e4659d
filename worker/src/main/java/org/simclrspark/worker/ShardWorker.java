package org.simclrspark.worker;

import java.io.Serializable;
import java.util.UUID;
import org.simclrspark.worker.Engine.Activations;

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
      engine.load(parameters);
      loan.kept().enter(step);
      MicroBatches batches = new MicroBatches(views.images(), plan.microBatch());
      int d = engine.embeddingSize();
      float[] embeddings = new float[2 * batches.images() * d];
      float[] values = new float[0];
      for (int batch = 0; batch < batches.count(); batch++) {
        int size = batches.size(batch);
        values = values(views, batches, batch, values);
        Activations activations = engine.forward(values, size);
        float[] z = activations.embeddings();
        for (int i = 0; i < size; i++) {
          System.arraycopy(z, i * d, embeddings, batches.row(batch, i) * d, d);
        }
        long bytes = engine.activationBytes(size);
        loan.kept().offer(shard, batch, activations, bytes, activationMemory);
      }
      return new EmbeddedShard(
          batches.images(), new RawFloats(embeddings), views.damaged(), views.repaired());
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
      engine.load(parameters);
      loan.kept().enter(step);
      MicroBatches batches = new MicroBatches(views.images(), plan.microBatch());
      int d = engine.embeddingSize();
      float[] gradient = new float[engine.parameters().size()];
      NormStatistics.Pool statistics = new NormStatistics.Pool(engine.normChannels());
      float[] values = new float[0];
      for (int batch = 0; batch < batches.count(); batch++) {
        int size = batches.size(batch);
        float[] ofBatch = new float[size * d];
        for (int i = 0; i < size; i++) {
          System.arraycopy(embeddingGradients, batches.row(batch, i) * d, ofBatch, i * d, d);
        }
        Activations kept = loan.kept().take(shard, batch, engine.activationBytes(size));
        if (kept == null) {
          values = values(views, batches, batch, values);
        }
        try (Activations activations = kept != null ? kept : engine.forward(values, size)) {
          statistics.add(activations.statistics(), size);
          engine.backward(activations, ofBatch, gradient);
        }
      }
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] *= plan.shards();
      }
      return new ShardGradient(gradient, statistics.values());
    }
  }

  /** The views of a micro-batch, in the given array where it has their length. */
  private static float[] values(
      ShardViews views, MicroBatches batches, int batch, float[] reusable) {
    int ofView = views.first().length / views.images();
    int length = batches.size(batch) * ofView;
    float[] values = reusable.length == length ? reusable : new float[length];
    views.expand(batches.view(batch), batches.firstImage(batch) * ofView, values);
    return values;
  }
}
