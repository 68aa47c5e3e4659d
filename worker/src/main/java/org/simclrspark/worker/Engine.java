package org.simclrspark.worker;

/**
 * An engine computes the encoder f, the projection head g and their gradient for one micro-batch at
 * a time, on one device. It sees float arrays and sizes only, so that engines on other libraries
 * can stand beside the one on ND4J.
 *
 * <p>An engine is used by one thread at a time. Its results depend on the parameters, the views and
 * the number of threads it was made with, and on nothing else.
 */
public interface Engine extends AutoCloseable {

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
   * Takes a copy of the parameters.
   *
   * @param values flat vector in the layout of {@link #parameters()}
   */
  void load(float[] values);

  /**
   * Runs f and g in training mode: batch norm takes its statistics from this micro-batch.
   *
   * @param views pixel values in [0, 1], [count, 3, size, size], row-major
   * @param count views in the micro-batch
   * @return the embeddings, the statistics and what {@link #backward} needs; the caller closes it
   */
  Activations forward(float[] views, int count);

  /**
   * Adds the gradient of the micro-batch to a flat vector.
   *
   * @param activations from {@link #forward}, with the parameters unchanged since
   * @param embeddingGradients dL/dz, [count, d], row-major
   * @param gradient the sum so far, in the layout of {@link #parameters()}; added to in place
   */
  void backward(Activations activations, float[] embeddingGradients, float[] gradient);

  /**
   * Runs f in evaluation mode: norms take running statistics instead of the micro-batch's.
   *
   * @param views pixel values in [0, 1], [count, 3, size, size], row-major
   * @param count views in the micro-batch
   * @param statistics running means and variances, in the layout of {@link Activations#statistics}
   * @return the representations h, [count, {@link #featureSize()}], row-major
   */
  float[] features(float[] views, int count, float[] statistics);

  /** Bytes that the activations of a micro-batch occupy while they are kept. */
  long activationBytes(int count);

  /** Whether a call has failed half-way: such an engine is not to be used again. */
  default boolean isFailed() {
    return false;
  }

  @Override
  void close();

  /** What a forward pass leaves behind. */
  interface Activations extends AutoCloseable {

    /** Embeddings z, [count, d], row-major. */
    float[] embeddings();

    /** Batch-norm statistics of this micro-batch, of length {@link Engine#statisticsSize()}. */
    float[] statistics();

    @Override
    void close();
  }
}
