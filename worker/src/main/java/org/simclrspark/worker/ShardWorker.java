package org.simclrspark.worker;

import java.io.Serializable;
import java.util.UUID;
import org.simclrspark.worker.Engine.Activations;

/**
 * Runs the encoder over a shard, micro-batch by micro-batch: forward to its embeddings, and later,
 * when the gradient at the embeddings is known, backward to its displacement.
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
    try (EngineSource.Loan loan = engines.borrow()) {
      Engine engine = loan.engine();
      engine.load(parameters);
      loan.kept().enter(step);
      long size = engine.activationBytes(plan.microBatch());
      int d = engine.embeddingSize();
      float[] embeddings = new float[plan.rowsPerShard() * d];
      double[] statistics = new double[engine.statisticsSize()];
      float[] values = new float[valuesPerMicroBatch(views)];
      for (int batch = 0; batch < plan.microBatches(); batch++) {
        Activations activations = forward(engine, views, batch, values);
        float[] z = activations.embeddings();
        for (int i = 0; i < plan.microBatch(); i++) {
          System.arraycopy(z, i * d, embeddings, plan.row(batch, i) * d, d);
        }
        float[] ofBatch = activations.statistics();
        for (int i = 0; i < statistics.length; i++) {
          statistics[i] += ofBatch[i];
        }
        loan.kept().offer(shard, batch, activations, size, activationMemory);
      }
      return new EmbeddedShard(new RawFloats(embeddings), new RawFloats(mean(statistics)));
    }
  }

  /**
   * What the shard adds to the shared parameters in one plain gradient step of length 1, times the
   * number of shards: the mean over the shards is then minus the gradient of L.
   *
   * @param step as for {@link #embed}
   * @param shard which shard
   * @param views of the shard's images
   * @param parameters shared parameters
   * @param embeddingGradients dL/dz of the shard's rows, [rows, d], row-major
   * @return the displacement, in the layout of {@link Engine#parameters()}
   */
  public float[] backward(
      UUID step, int shard, ShardViews views, float[] parameters, float[] embeddingGradients) {
    try (EngineSource.Loan loan = engines.borrow()) {
      Engine engine = loan.engine();
      engine.load(parameters);
      loan.kept().enter(step);
      long size = engine.activationBytes(plan.microBatch());
      int d = engine.embeddingSize();
      float[] gradient = new float[engine.parameters().size()];
      float[] values = new float[valuesPerMicroBatch(views)];
      float[] ofBatch = new float[plan.microBatch() * d];
      for (int batch = 0; batch < plan.microBatches(); batch++) {
        for (int i = 0; i < plan.microBatch(); i++) {
          System.arraycopy(embeddingGradients, plan.row(batch, i) * d, ofBatch, i * d, d);
        }
        Activations kept = loan.kept().take(shard, batch, size);
        try (Activations activations =
            kept != null ? kept : forward(engine, views, batch, values)) {
          engine.backward(activations, ofBatch, gradient);
        }
      }
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] *= -plan.shards();
      }
      return gradient;
    }
  }

  private Activations forward(Engine engine, ShardViews views, int batch, float[] values) {
    int valuesPerView = values.length / plan.microBatch();
    views.expand(plan.view(batch), plan.firstImage(batch) * valuesPerView, values);
    return engine.forward(values, plan.microBatch());
  }

  private int valuesPerMicroBatch(ShardViews views) {
    return views.first().length / plan.imagesPerShard() * plan.microBatch();
  }

  private float[] mean(double[] sums) {
    float[] mean = new float[sums.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = (float) (sums[i] / plan.microBatches());
    }
    return mean;
  }
}
