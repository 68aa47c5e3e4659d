package org.simclrspark.worker;

import java.io.Serializable;
import org.simclrspark.worker.Engine.Activations;

/**
 * Runs the encoder over a shard, micro-batch by micro-batch: forward to its embeddings, and later,
 * when the gradient at the embeddings is known, backward to its displacement. The activations of
 * one micro-batch at a time are in memory, so a shard may be of any size (gradient caching, Gao et
 * al. 2021).
 */
public final class ShardWorker implements Serializable {

  private static final long serialVersionUID = 1;

  private final EngineSource engines;
  private final ShardPlan plan;

  public ShardWorker(EngineSource engines, ShardPlan plan) {
    this.engines = engines;
    this.plan = plan;
  }

  /**
   * Embeds a shard.
   *
   * @param views of the shard's images
   * @param parameters shared parameters
   */
  public EmbeddedShard embed(ShardViews views, float[] parameters) {
    try (EngineSource.Loan loan = engines.borrow()) {
      Engine engine = loan.engine();
      engine.load(parameters);
      int d = engine.embeddingSize();
      float[] embeddings = new float[plan.rowsPerShard() * d];
      double[] statistics = new double[engine.statisticsSize()];
      float[] values = new float[valuesPerMicroBatch(views)];
      for (int batch = 0; batch < plan.microBatches(); batch++) {
        try (Activations activations = forward(engine, views, batch, values)) {
          float[] z = activations.embeddings();
          for (int i = 0; i < plan.microBatch(); i++) {
            System.arraycopy(z, i * d, embeddings, plan.row(batch, i) * d, d);
          }
          float[] ofBatch = activations.statistics();
          for (int i = 0; i < statistics.length; i++) {
            statistics[i] += ofBatch[i];
          }
        }
      }
      return new EmbeddedShard(new RawFloats(embeddings), new RawFloats(mean(statistics)));
    }
  }

  /**
   * What the shard adds to the shared parameters in one plain gradient step of length 1, times the
   * number of shards: the mean over the shards is then minus the gradient of L.
   *
   * @param views of the shard's images
   * @param parameters shared parameters
   * @param embeddingGradients dL/dz of the shard's rows, [rows, d], row-major
   * @return the displacement, in the layout of {@link Engine#parameters()}
   */
  public float[] backward(ShardViews views, float[] parameters, float[] embeddingGradients) {
    try (EngineSource.Loan loan = engines.borrow()) {
      Engine engine = loan.engine();
      engine.load(parameters);
      int d = engine.embeddingSize();
      float[] gradient = new float[engine.parameters().size()];
      float[] values = new float[valuesPerMicroBatch(views)];
      float[] ofBatch = new float[plan.microBatch() * d];
      for (int batch = 0; batch < plan.microBatches(); batch++) {
        for (int i = 0; i < plan.microBatch(); i++) {
          System.arraycopy(embeddingGradients, plan.row(batch, i) * d, ofBatch, i * d, d);
        }
        try (Activations activations = forward(engine, views, batch, values)) {
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
