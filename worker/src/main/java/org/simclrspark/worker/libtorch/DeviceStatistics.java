package org.simclrspark.worker.libtorch;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.simclrspark.worker.network.NormStatistics;

/**
 * Pools the batch-norm statistics of a shard's micro-batches on the device, in double precision, so
 * that one vector comes back; the sums are those of {@link NormStatistics.Pool}.
 */
final class DeviceStatistics implements AutoCloseable {

  private final TorchDevice device;
  private final int[] channels;
  private final Tensor mean;
  private final Tensor squares;
  private long views;

  /**
   * @param channels of each norm
   */
  DeviceStatistics(TorchDevice device, int[] channels) {
    this.device = device;
    this.channels = channels;
    int length = NormStatistics.size(channels) / 2;
    mean = device.zeros(ScalarType.Double, length);
    squares = device.zeros(ScalarType.Double, length);
  }

  /**
   * Takes in a micro-batch.
   *
   * @param means of all norms, one behind the other
   * @param variances likewise
   */
  void add(Tensor means, Tensor variances, long count) {
    views += count;
    double share = (double) count / views;
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor difference = means.to(ScalarType.Double).sub(mean);
      mean.add_(difference.mul(new Scalar(share)));
      squares.add_(variances.to(ScalarType.Double).mul(new Scalar((double) count)));
      squares.add_(difference.mul(difference).mul(new Scalar(share * (views - count))));
    }
  }

  /** Norm by norm the means, then the biased variances; zeros without views. */
  float[] values() {
    if (channels.length == 0) {
      return new float[0];
    }
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor variances = squares.div(new Scalar((double) Math.max(1, views)));
      return interleave(device.download(torch.cat(new TensorVector(mean, variances))));
    }
  }

  /** From all means and then all variances to norm by norm. */
  private float[] interleave(float[] halves) {
    float[] values = new float[halves.length];
    int from = 0;
    for (int ofNorm : channels) {
      System.arraycopy(halves, from, values, 2 * from, ofNorm);
      System.arraycopy(halves, halves.length / 2 + from, values, 2 * from + ofNorm, ofNorm);
      from += ofNorm;
    }
    return values;
  }

  /** From norm by norm to all means and then all variances. */
  static float[] halves(float[] values, int[] channels) {
    float[] halves = new float[values.length];
    int from = 0;
    for (int ofNorm : channels) {
      System.arraycopy(values, 2 * from, halves, from, ofNorm);
      System.arraycopy(values, 2 * from + ofNorm, halves, halves.length / 2 + from, ofNorm);
      from += ofNorm;
    }
    return halves;
  }

  @Override
  public void close() {
    mean.close();
    squares.close();
  }
}
