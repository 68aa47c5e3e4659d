package org.simclrspark.loss;

import java.util.Random;
import org.simclrspark.loss.reference.ReferenceNtXent;

/** Embeddings to test with, and distances between arrays. */
public final class TestEmbeddings {
  private TestEmbeddings() {}

  /** Pairs of views: a common Gaussian direction and noise, with lengths from about 1 to 10. */
  public static float[] pairs(int rows, int dimension, double noise, long seed) {
    Random random = new Random(seed);
    float[] z = new float[rows * dimension];
    double[] image = new double[dimension];
    for (int row = 0; row < rows; row++) {
      if (row % 2 == 0) {
        for (int k = 0; k < dimension; k++) {
          image[k] = random.nextGaussian();
        }
      }
      double length = Math.exp(random.nextDouble() * 2) / Math.sqrt(dimension);
      for (int k = 0; k < dimension; k++) {
        z[row * dimension + k] = (float) (length * (image[k] + noise * random.nextGaussian()));
      }
    }
    return z;
  }

  public static double[] toDouble(float[] values) {
    double[] result = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      result[i] = values[i];
    }
    return result;
  }

  public static ReferenceNtXent reference(float[] z, int dimension, double temperature) {
    return new ReferenceNtXent(toDouble(z), dimension, temperature);
  }

  /** The whole gradient of the oracle, [N, d]. */
  public static double[] gradient(ReferenceNtXent reference, int dimension) {
    double[] gradient = new double[reference.rows() * dimension];
    for (int i = 0; i < reference.rows(); i++) {
      System.arraycopy(reference.gradient(i), 0, gradient, i * dimension, dimension);
    }
    return gradient;
  }

  /** The gradient of all rows through the symmetric tiles. */
  public static float[] gradient(ContrastiveLoss loss, Embeddings z) {
    float[] dz = new float[z.rows() * z.dimension()];
    loss.gradient(z, loss.all(z).logNormalisers(), dz);
    return dz;
  }

  /** |actual - expected| / |expected|. */
  public static double relativeError(float[] actual, double[] expected) {
    return relativeError(toDouble(actual), expected, 0);
  }

  /** |actual - expected| / max(|expected|, smallest): a solved batch has no gradient to compare. */
  public static double relativeError(double[] actual, double[] expected, double smallest) {
    double difference = 0;
    double size = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += (actual[i] - expected[i]) * (actual[i] - expected[i]);
      size += expected[i] * expected[i];
    }
    return Math.sqrt(difference) / Math.max(Math.sqrt(size), smallest);
  }
}
