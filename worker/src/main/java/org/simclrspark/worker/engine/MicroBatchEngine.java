package org.simclrspark.worker.engine;

import java.util.UUID;
import org.simclrspark.worker.network.NormStatistics;
import org.simclrspark.worker.shard.MicroBatches;
import org.simclrspark.worker.shard.ShardPass;
import org.simclrspark.worker.shard.ShardViews;

/**
 * An engine in this process's memory that runs the network on one micro-batch at a time. What is
 * common to such engines: splitting a shard, adding up, and keeping activations.
 */
public abstract class MicroBatchEngine implements Engine {

  private final KeptActivations<Activations> kept = new KeptActivations<>();
  private UUID version;
  private long bytesIn;
  private long bytesOut;

  /** What the forward pass of a micro-batch leaves behind. */
  public interface Activations extends AutoCloseable {

    /** Embeddings z, [count, d]. */
    float[] embeddings();

    /** Batch-norm statistics of this micro-batch, of length {@link Engine#statisticsSize()}. */
    float[] statistics();

    @Override
    void close();
  }

  /** Takes a copy of the parameters. */
  protected abstract void setParameters(float[] values);

  /**
   * Runs f and g in training mode.
   *
   * @param views pixel values in [0, 1], [count, 3, size, size], row-major
   * @return the embeddings, the statistics and what {@link #backward} needs; the caller closes it
   */
  public abstract Activations forward(float[] views, int count);

  /**
   * Adds the gradient of the micro-batch to a flat vector.
   *
   * @param activations from {@link #forward}, with the parameters unchanged since
   * @param embeddingGradients dL/dz, [count, d], row-major
   * @param gradient the sum so far, in the layout of {@link #parameters()}; added to in place
   */
  public abstract void backward(
      Activations activations, float[] embeddingGradients, float[] gradient);

  @Override
  public final void load(UUID newVersion, float[] values) {
    if (!newVersion.equals(version)) {
      version = null;
      setParameters(values);
      bytesIn += bytes(values.length);
      version = newVersion;
    }
  }

  @Override
  public final float[] embed(ShardPass pass, ShardViews views, MicroBatches batches) {
    kept.enter(pass.step());
    int d = embeddingSize();
    float[] embeddings = new float[2 * batches.images() * d];
    float[] values = new float[0];
    for (int batch = 0; batch < batches.count(); batch++) {
      int size = batches.size(batch);
      values = values(views, batches, batch, values);
      Activations activations = forward(values, size);
      float[] z = activations.embeddings();
      for (int i = 0; i < size; i++) {
        System.arraycopy(z, i * d, embeddings, batches.row(batch, i) * d, d);
      }
      kept.offer(pass, batch, activations, activationBytes(size));
    }
    bytesOut += bytes(embeddings.length);
    return embeddings;
  }

  @Override
  public final Sum backward(
      ShardPass pass, ShardViews views, MicroBatches batches, float[] embeddingGradients) {
    kept.enter(pass.step());
    int d = embeddingSize();
    float[] gradient = new float[parameters().size()];
    NormStatistics.Pool statistics = new NormStatistics.Pool(normChannels());
    float[] values = new float[0];
    for (int batch = 0; batch < batches.count(); batch++) {
      int size = batches.size(batch);
      float[] ofBatch = new float[size * d];
      for (int i = 0; i < size; i++) {
        System.arraycopy(embeddingGradients, batches.row(batch, i) * d, ofBatch, i * d, d);
      }
      Activations found = kept.take(pass, batch);
      if (found == null) {
        values = values(views, batches, batch, values);
      }
      try (Activations activations = found != null ? found : forward(values, size)) {
        statistics.add(activations.statistics(), size);
        backward(activations, ofBatch, gradient);
      }
    }
    bytesIn += bytes(embeddingGradients.length);
    bytesOut += bytes(gradient.length) + bytes(statisticsSize());
    return new Sum(gradient, statistics.values());
  }

  @Override
  public final float[] statistics(float[] views, int count) {
    try (Activations activations = forward(views, count)) {
      return activations.statistics();
    }
  }

  /** The views of a micro-batch, in the given array where it has their length. */
  private float[] values(ShardViews views, MicroBatches batches, int batch, float[] reusable) {
    int ofView = views.first().length / views.images();
    int length = batches.size(batch) * ofView;
    float[] values = reusable.length == length ? reusable : new float[length];
    views.expand(batches.view(batch), batches.firstImage(batch) * ofView, values);
    bytesIn += length;
    return values;
  }

  private static long bytes(int floats) {
    return (long) floats * Float.BYTES;
  }

  @Override
  public final boolean holds(UUID step, int shard) {
    return kept.holds(step, shard);
  }

  @Override
  public final boolean isEmpty() {
    return kept.isEmpty();
  }

  @Override
  public final Traffic traffic() {
    return new Traffic(bytesIn, bytesOut);
  }

  /** Frees what is kept; an engine closes its own resources behind it. */
  @Override
  public void close() {
    kept.close();
  }
}
