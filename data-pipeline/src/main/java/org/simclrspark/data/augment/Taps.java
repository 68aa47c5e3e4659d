package org.simclrspark.data.augment;

import java.util.Arrays;

/** Which pixels of a line make each pixel of the resized line, and with what weights. */
final class Taps {
  /** Taps of the bicubic kernel where it is not widened. */
  static final int BICUBIC = 4;

  private final int size;

  /** First pixel of each tap. */
  final int[] first;

  /** Number of taps of each pixel. */
  final int[] count;

  /** [size, stride]; weights beyond the count are zero. */
  float[] weights = new float[0];

  int stride;

  /** First pixel of the line that may be used. */
  int start;

  /** End of those pixels. */
  int end;

  Taps(int size) {
    this.size = size;
    first = new int[size];
    count = new int[size];
  }

  /**
   * Resizes a part of a line.
   *
   * @param offset where the part starts, in pixels of the unreduced line
   * @param length of the part, likewise
   * @param reduction by how much the line shrank when it was decoded
   * @param limit pixels of the reduced line
   * @param antialias whether the kernel widens where the line shrinks
   */
  void compute(int offset, int length, int reduction, int limit, boolean antialias) {
    double scale = (double) length / reduction / size;
    double stretch = antialias ? Math.max(1, scale) : 1;
    double support = 2 * stretch;
    start = offset / reduction;
    end = Math.min(limit, (offset + length + reduction - 1) / reduction);
    stride = stretch == 1 ? BICUBIC : (int) Math.ceil(2 * support) + 1;
    if (weights.length < size * stride) {
      weights = new float[size * stride];
    }
    Arrays.fill(weights, 0, size * stride, 0);
    for (int i = 0; i < size; i++) {
      double center = (double) offset / reduction + (i + 0.5) * scale - 0.5;
      int low = Math.max(start, (int) Math.floor(center - support) + 1);
      int high = Math.min(end - 1, (int) Math.ceil(center + support) - 1);
      double sum = 0;
      for (int j = low; j <= high; j++) {
        sum += keys((j - center) / stretch);
      }
      for (int j = low; j <= high; j++) {
        weights[i * stride + j - low] = (float) (keys((j - center) / stretch) / sum);
      }
      first[i] = low;
      count[i] = high - low + 1;
    }
  }

  /** The kernel of Keys (1981), a = -0.5. */
  private static double keys(double distance) {
    double x = Math.abs(distance);
    if (x < 1) {
      return (1.5 * x - 2.5) * x * x + 1;
    }
    return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
  }
}
