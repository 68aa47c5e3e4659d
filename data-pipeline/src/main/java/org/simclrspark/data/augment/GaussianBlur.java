package org.simclrspark.data.augment;

import java.util.Arrays;

/**
 * A separable Gaussian blur whose edges reflect without repeating the edge pixel (d c b | a b c d |
 * c b a), as in torchvision.
 */
final class GaussianBlur {
  /** Taps lighter than this part of the central one are below what a byte can show. */
  private static final double NEGLIGIBLE = 1e-5;

  private final int size;
  private final int radius;
  private final float[] weights;
  private final float[] padded;
  private final float[] rows;

  GaussianBlur(int size, int kernel) {
    this.size = size;
    this.radius = kernel / 2;
    this.weights = new float[radius + 1];
    this.padded = new float[size + 2 * radius];
    this.rows = new float[size * size];
  }

  /**
   * Blurs one plane in place.
   *
   * @param pixels planes of size x size
   * @param offset of the plane
   */
  void blur(float[] pixels, int offset, double sigma) {
    int reach = computeWeights(sigma);
    for (int y = 0; y < size; y++) {
      blurRow(pixels, offset + y * size, rows, y * size, reach);
    }
    for (int y = 0; y < size; y++) {
      int out = offset + y * size;
      scale(rows, y * size, weights[0], pixels, out);
      for (int k = 1; k <= reach; k++) {
        addPair(rows, reflect(y - k) * size, reflect(y + k) * size, weights[k], pixels, out);
      }
    }
  }

  private void blurRow(float[] from, int offset, float[] to, int toOffset, int reach) {
    System.arraycopy(from, offset, padded, radius, size);
    for (int k = 1; k <= reach; k++) {
      padded[radius - k] = from[offset + reflect(-k)];
      padded[radius + size - 1 + k] = from[offset + reflect(size - 1 + k)];
    }
    scale(padded, radius, weights[0], to, toOffset);
    for (int k = 1; k <= reach; k++) {
      addPair(padded, radius - k, radius + k, weights[k], to, toOffset);
    }
  }

  private void scale(float[] from, int offset, float weight, float[] to, int toOffset) {
    for (int x = 0; x < size; x++) {
      to[toOffset + x] = from[offset + x] * weight;
    }
  }

  private void addPair(
      float[] from, int before, int after, float weight, float[] to, int toOffset) {
    for (int x = 0; x < size; x++) {
      to[toOffset + x] += (from[before + x] + from[after + x]) * weight;
    }
  }

  private int reflect(int index) {
    int positive = Math.abs(index);
    return positive < size ? positive : 2 * (size - 1) - positive;
  }

  /** Fills in the weights, normalised, and returns the radius that counts. */
  private int computeWeights(double sigma) {
    double[] exact = new double[radius + 1];
    double sum = 0;
    int reach = 0;
    for (int k = 0; k <= radius; k++) {
      exact[k] = StrictMath.exp(-k * k / (2 * sigma * sigma));
      if (exact[k] < NEGLIGIBLE) {
        break;
      }
      sum += k == 0 ? exact[k] : 2 * exact[k];
      reach = k;
    }
    Arrays.fill(weights, 0);
    for (int k = 0; k <= reach; k++) {
      weights[k] = (float) (exact[k] / sum);
    }
    return reach;
  }
}
