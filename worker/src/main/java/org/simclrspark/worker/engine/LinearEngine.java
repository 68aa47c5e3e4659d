package org.simclrspark.worker.engine;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.simclrspark.worker.network.ParameterLayout;
import org.simclrspark.worker.network.ParameterLayout.Block;

/**
 * An engine whose encoder is one linear map of any number of parameters, at next to no cost: what
 * remains of a step is the step itself. For measuring, and for tests that need a gradient known in
 * closed form.
 *
 * <p>z = W h, where h holds the view's values in averages and W, [d, features], is tied: parameter
 * i adds to entry i modulo d * features.
 */
public final class LinearEngine extends MicroBatchEngine {

  private static final int FEATURES = 48;

  private final int parameterCount;
  private final int embeddingSize;
  private final int featureSize;
  private final float[] weights;

  /**
   * W as [features, d]: along d the compiler takes vector instructions, which it does not for a sum
   * along features.
   */
  private final float[] transposed;

  /**
   * Makes an engine with {@value #FEATURES} features.
   *
   * @param parameterCount at least d * {@value #FEATURES}
   * @param embeddingSize d
   */
  public LinearEngine(int parameterCount, int embeddingSize) {
    this(parameterCount, embeddingSize, FEATURES);
  }

  /**
   * Makes the engine.
   *
   * @param parameterCount at least d * features
   * @param embeddingSize d
   * @param featureSize length of h, at most that of a view
   */
  public LinearEngine(int parameterCount, int embeddingSize, int featureSize) {
    if (parameterCount < embeddingSize * featureSize) {
      throw new IllegalArgumentException(
          "Parameters must be at least "
              + embeddingSize * featureSize
              + ", "
              + featureSize
              + " for each of the embedding's dimensions, found "
              + parameterCount);
    }
    this.parameterCount = parameterCount;
    this.embeddingSize = embeddingSize;
    this.featureSize = featureSize;
    this.weights = new float[embeddingSize * featureSize];
    this.transposed = new float[weights.length];
  }

  @Override
  public String name() {
    return "linear";
  }

  @Override
  public ParameterLayout parameters() {
    return new ParameterLayout(
        List.of(new Block("linear.weight", List.of(parameterCount), 0, true)));
  }

  @Override
  public int[] normChannels() {
    return new int[0];
  }

  @Override
  public int featureSize() {
    return featureSize;
  }

  @Override
  public int embeddingSize() {
    return embeddingSize;
  }

  @Override
  public float[] initialParameters(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[parameterCount];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextDouble() - 0.5);
    }
    return values;
  }

  @Override
  protected void setParameters(float[] values) {
    Arrays.fill(weights, 0);
    for (int from = 0; from < values.length; from += weights.length) {
      int length = Math.min(weights.length, values.length - from);
      for (int i = 0; i < length; i++) {
        weights[i] += values[from + i];
      }
    }
    for (int j = 0; j < embeddingSize; j++) {
      for (int k = 0; k < featureSize; k++) {
        transposed[k * embeddingSize + j] = weights[j * featureSize + k];
      }
    }
  }

  @Override
  public Activations forward(float[] views, int count) {
    float[] features = averages(views, count);
    float[] z = new float[count * embeddingSize];
    for (int n = 0; n < count; n++) {
      for (int k = 0; k < featureSize; k++) {
        float feature = features[n * featureSize + k];
        for (int j = 0; j < embeddingSize; j++) {
          z[n * embeddingSize + j] += transposed[k * embeddingSize + j] * feature;
        }
      }
    }
    return new Linear(features, z);
  }

  @Override
  public float[] features(float[] views, int count, float[] statistics) {
    return averages(views, count);
  }

  private float[] averages(float[] views, int count) {
    int length = views.length / count;
    float[] features = new float[count * featureSize];
    for (int n = 0; n < count; n++) {
      for (int k = 0; k < featureSize; k++) {
        int from = length * k / featureSize;
        int to = length * (k + 1) / featureSize;
        float sum = 0;
        for (int i = from; i < to; i++) {
          sum += views[n * length + i];
        }
        features[n * featureSize + k] = sum / (to - from);
      }
    }
    return features;
  }

  @Override
  public void backward(Activations activations, float[] embeddingGradients, float[] gradient) {
    float[] features = ((Linear) activations).features();
    int count = features.length / featureSize;
    float[] ofWeights = new float[weights.length];
    for (int n = 0; n < count; n++) {
      for (int j = 0; j < embeddingSize; j++) {
        float dz = embeddingGradients[n * embeddingSize + j];
        for (int k = 0; k < featureSize; k++) {
          ofWeights[j * featureSize + k] += dz * features[n * featureSize + k];
        }
      }
    }
    for (int from = 0; from < gradient.length; from += ofWeights.length) {
      int length = Math.min(ofWeights.length, gradient.length - from);
      for (int i = 0; i < length; i++) {
        gradient[from + i] += ofWeights[i];
      }
    }
  }

  @Override
  public long activationBytes(int count) {
    return (long) count * (featureSize + embeddingSize) * Float.BYTES;
  }

  private record Linear(float[] features, float[] embeddings) implements Activations {

    @Override
    public float[] statistics() {
      return new float[0];
    }

    @Override
    public void close() {}
  }
}
