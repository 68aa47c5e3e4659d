package org.simclrspark.worker.engine;

import java.util.UUID;
import org.simclrspark.worker.network.NormStatistics;
import org.simclrspark.worker.network.ParameterLayout;
import org.simclrspark.worker.shard.MicroBatches;
import org.simclrspark.worker.shard.ShardPass;
import org.simclrspark.worker.shard.ShardViews;

/**
 * An engine computes the encoder f, the projection head g and their gradient for a shard at a time,
 * on one device. It sees arrays, bytes and sizes only, so that engines on oneDNN, libtorch and ND4J
 * stand side by side.
 *
 * <p>A version of the parameters goes to the device once, a shard's views once and as bytes, and
 * its gradient comes back once, as the sum over its micro-batches. Between forward and backward the
 * engine keeps what fits its memory, and computes the rest again with the same bits.
 *
 * <p>An engine is used by one thread at a time. Its results depend on the parameters, the views and
 * the number of threads it was made with, and on nothing else.
 */
public interface Engine extends AutoCloseable {

  /** Library, device and settings, as far as the last bits of a result depend on them. */
  String name();

  /** Names, shapes and offsets of the blocks in the flat parameter vector. */
  ParameterLayout parameters();

  /** Channels of each batch norm, in the order of the flat statistics; empty without batch norm. */
  int[] normChannels();

  /**
   * Length of the flat vector of batch-norm statistics: norm by norm, means, then biased variances.
   */
  default int statisticsSize() {
    return NormStatistics.size(normChannels());
  }

  /** Length of a representation h = f(x). */
  int featureSize();

  /** Length d of an embedding z = g(h). */
  int embeddingSize();

  /**
   * Parameters drawn for a seed, in the layout of {@link #parameters()}; the same on every machine.
   */
  float[] initialParameters(long seed);

  /**
   * Makes a version of the parameters the current one; nothing is to do where it is that already.
   *
   * @param version names the values: equal versions have equal values
   * @param values flat vector in the layout of {@link #parameters()}
   */
  void load(UUID version, float[] values);

  /** As {@link #load(UUID, float[])}, for values that no version names. */
  default void load(float[] values) {
    load(UUID.randomUUID(), values);
  }

  /**
   * Runs f and g over a shard in training mode: batch norm takes its statistics from each
   * micro-batch.
   *
   * @param views of the shard
   * @param batches how they are split
   * @return the embeddings z of the shard's rows, [2 images, d], row-major
   */
  float[] embed(ShardPass pass, ShardViews views, MicroBatches batches);

  /**
   * The gradient of a shard, summed over its micro-batches.
   *
   * @param pass as for {@link #embed}, with the parameters unchanged since
   * @param views as for {@link #embed}, for what was not kept
   * @param batches as for {@link #embed}
   * @param embeddingGradients dL/dz of the shard's rows, [2 images, d], row-major
   * @return the sum, in the layout of {@link #parameters()}, and the batch-norm statistics of all
   *     views of the shard
   */
  Sum backward(ShardPass pass, ShardViews views, MicroBatches batches, float[] embeddingGradients);

  /**
   * Batch-norm statistics of one micro-batch in training mode, norm by norm the means, then the
   * biased variances.
   *
   * @param views pixel values in [0, 1], [count, 3, size, size], row-major
   */
  float[] statistics(float[] views, int count);

  /**
   * Runs f in evaluation mode: norms take running statistics instead of the micro-batch's.
   *
   * @param views pixel values in [0, 1], [count, 3, size, size], row-major
   * @param count views in the micro-batch
   * @param statistics running means and variances, in the layout of {@link #statistics}
   * @return the representations h, [count, {@link #featureSize()}], row-major
   */
  float[] features(float[] views, int count, float[] statistics);

  /** Bytes that the activations of a micro-batch occupy while they are kept. */
  long activationBytes(int count);

  /** Whether something is kept for the backward pass of a shard. */
  boolean holds(UUID step, int shard);

  /** Whether nothing is kept for any backward pass. */
  boolean isEmpty();

  /** Bytes that have crossed the engine's boundary since it was made. */
  Traffic traffic();

  /** Whether a call has failed half-way: such an engine is not to be used again. */
  default boolean isFailed() {
    return false;
  }

  @Override
  void close();

  /**
   * What the backward pass over a shard comes to.
   *
   * @param gradient of the parameters, summed over the micro-batches
   * @param statistics batch-norm statistics of all views of the shard, in the layout of {@link
   *     NormStatistics}; zeros without images
   */
  record Sum(float[] gradient, float[] statistics) {}

  /**
   * Bytes between the caller and the engine, which for a GPU are those between host and device.
   *
   * @param in parameters, views and gradients at the embeddings
   * @param out embeddings, statistics and the parameters' gradient
   */
  record Traffic(long in, long out) {

    /** What has crossed since an earlier reading. */
    public Traffic since(Traffic earlier) {
      return new Traffic(in - earlier.in, out - earlier.out);
    }
  }
}
