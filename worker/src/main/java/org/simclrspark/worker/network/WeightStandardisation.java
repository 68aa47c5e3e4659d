package org.simclrspark.worker.network;

/**
 * Weights of a convolution with mean 0 and variance 1 in every output channel (Qiao et al. 2019),
 * and the gradient through that.
 */
public final class WeightStandardisation {

  /** Added to the variance of a channel's weights (Kolesnikov et al. 2020). */
  public static final double EPSILON = 1e-10;

  private final int channels;
  private final int fanIn;
  private final float[] standardised;
  private final float[] inverse;

  public WeightStandardisation(Network.Convolution operation) {
    channels = operation.out().channels();
    fanIn = operation.fanIn();
    standardised = new float[channels * fanIn];
    inverse = new float[channels];
  }

  /** The standardised form of {@code weights[offset..]}, valid until the next call. */
  public float[] apply(float[] weights, int offset) {
    for (int channel = 0; channel < channels; channel++) {
      int start = channel * fanIn;
      double mean = 0;
      for (int i = 0; i < fanIn; i++) {
        mean += weights[offset + start + i];
      }
      mean /= fanIn;
      double variance = 0;
      for (int i = 0; i < fanIn; i++) {
        double delta = weights[offset + start + i] - mean;
        variance += delta * delta;
      }
      double factor = 1 / Math.sqrt(variance / fanIn + EPSILON);
      inverse[channel] = (float) factor;
      for (int i = 0; i < fanIn; i++) {
        standardised[start + i] = (float) ((weights[offset + start + i] - mean) * factor);
      }
    }
    return standardised;
  }

  /**
   * Adds the weights' gradient to {@code gradient[offset..]}, given that of their standard form.
   */
  public void addGradient(float[] ofStandardised, float[] gradient, int offset) {
    for (int channel = 0; channel < channels; channel++) {
      int start = channel * fanIn;
      double sum = 0;
      double product = 0;
      for (int i = start; i < start + fanIn; i++) {
        sum += ofStandardised[i];
        product += (double) ofStandardised[i] * standardised[i];
      }
      for (int i = start; i < start + fanIn; i++) {
        gradient[offset + i] +=
            (float)
                (inverse[channel]
                    * (ofStandardised[i] - sum / fanIn - standardised[i] * product / fanIn));
      }
    }
  }
}
