package org.simclrspark.worker.engine;

import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.network.ParameterLayout;

/** An engine that runs a {@link Network}: what it tells of itself, and what it asks of callers. */
public interface NetworkEngine extends Engine {

  /** The network that the engine runs. */
  Network network();

  @Override
  default ParameterLayout parameters() {
    return network().layout();
  }

  @Override
  default int[] normChannels() {
    return network().normChannels();
  }

  @Override
  default int featureSize() {
    return network().features().channels();
  }

  @Override
  default int embeddingSize() {
    return network().embedding().channels();
  }

  @Override
  default float[] initialParameters(long seed) {
    return network().initialParameters(seed);
  }

  /** Pixel values of a view. */
  default int viewSize() {
    return network().input().channels() * network().input().pixels();
  }

  /**
   * Refuses parameters of another network.
   *
   * @throws IllegalArgumentException if their number is another
   */
  default void requireParameters(float[] values) {
    if (values.length != network().layout().size()) {
      throw new IllegalArgumentException(
          "Parameters must number " + network().layout().size() + ", found " + values.length);
    }
  }

  /**
   * Refuses batch-norm statistics of another network.
   *
   * @throws IllegalArgumentException if their number is another
   */
  default void requireStatistics(float[] statistics) {
    if (statistics.length != statisticsSize()) {
      throw new IllegalArgumentException(
          "Statistics must number " + statisticsSize() + ", found " + statistics.length);
    }
  }

  /**
   * Refuses a micro-batch without views, and views that are not all there.
   *
   * @throws IllegalArgumentException if values are missing
   */
  default void requireViews(float[] views, int count) {
    if (count < 1 || views.length < (long) count * viewSize()) {
      throw new IllegalArgumentException(
          "A micro-batch must have at least one view and "
              + viewSize()
              + " values a view, found "
              + count
              + " views and "
              + views.length
              + " values");
    }
  }
}
