package org.simclrspark.data.augment;

import static org.simclrspark.data.augment.Planes.LANES;
import static org.simclrspark.data.augment.Planes.load;

import jdk.incubator.vector.FloatVector;
import org.simclrspark.data.augment.AugmentSettings.Blur;
import org.simclrspark.data.augment.AugmentSettings.Edges;

/**
 * A separable Gaussian blur. Beyond its edges a picture is black, or reflected without repeating
 * the edge pixel (d c b | a b c d | c b a).
 */
final class GaussianBlur {
  /** Taps lighter than this part of the central one are below what a byte can show. */
  private static final double NEGLIGIBLE = 1e-5;

  private final int size;
  private final Edges edges;
  private final int radius;
  private final int rowStride;
  private final float[] weights;
  private final double[] exact;
  private final float[] padded;

  /** The rows blurred along themselves, and below them one of zeros. */
  private final float[] rows;

  GaussianBlur(int size, Blur settings) {
    this.size = size;
    this.edges = settings.edges();
    this.radius = settings.kernel() / 2;
    this.rowStride = (size + Planes.ALIGNMENT - 1) / Planes.ALIGNMENT * Planes.ALIGNMENT;
    this.weights = new float[radius + 1];
    this.exact = new double[radius + 1];
    this.padded = new float[rowStride + 2 * radius];
    this.rows = new float[(size + 1) * rowStride];
  }

  /** Blurs a picture in place. */
  void blur(Planes planes, double sigma) {
    int reach = computeWeights(sigma);
    if (reach == 0) {
      return;
    }
    for (int channel = 0; channel < 3; channel++) {
      for (int y = 0; y < size; y++) {
        blurAlongRow(planes.values, planes.row(channel, y), y * rowStride, reach);
      }
      for (int y = 0; y < size; y++) {
        blurAcrossRows(y, planes.values, planes.row(channel, y), reach);
      }
    }
  }

  private void blurAlongRow(float[] from, int offset, int to, int reach) {
    System.arraycopy(from, offset, padded, radius, size);
    for (int k = 1; k <= reach; k++) {
      boolean zero = edges == Edges.ZERO;
      padded[radius - k] = zero ? 0 : from[offset + reflect(-k)];
      padded[radius + size - 1 + k] = zero ? 0 : from[offset + reflect(size - 1 + k)];
    }
    for (int x = 0; x < size; x += LANES) {
      int at = radius + x;
      FloatVector sum = load(padded, at).mul(weights[0]);
      for (int k = 1; k <= reach; k++) {
        sum = sum.add(load(padded, at - k).add(load(padded, at + k)).mul(weights[k]));
      }
      sum.intoArray(rows, to + x);
    }
  }

  /** Runs over the end of the row, into the next one, which is written later, or the padding. */
  private void blurAcrossRows(int y, float[] to, int offset, int reach) {
    for (int x = 0; x < size; x += LANES) {
      FloatVector sum = load(rows, y * rowStride + x).mul(weights[0]);
      for (int k = 1; k <= reach; k++) {
        FloatVector above = load(rows, row(y - k) * rowStride + x);
        FloatVector below = load(rows, row(y + k) * rowStride + x);
        sum = sum.add(above.add(below).mul(weights[k]));
      }
      sum.intoArray(to, offset + x);
    }
  }

  private int row(int y) {
    return y >= 0 && y < size ? y : edges == Edges.ZERO ? size : reflect(y);
  }

  private int reflect(int index) {
    int positive = Math.abs(index);
    return positive < size ? positive : 2 * (size - 1) - positive;
  }

  /** Fills in the weights, normalised, and returns the radius that counts. */
  private int computeWeights(double sigma) {
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
    for (int k = 0; k <= reach; k++) {
      weights[k] = (float) (exact[k] / sum);
    }
    return reach;
  }
}
