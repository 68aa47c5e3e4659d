package org.simclrspark.data.augment;

import java.util.Arrays;

/** Which pixels of a line make each pixel of the resized line, and with what weights. */
final class Taps {
  /** Places for the taps of any kernel that is not widened. */
  static final int NARROW = 4;

  /** How a pixel's weight falls with its distance. */
  enum Kernel {
    /** Keys 1981, a = -0.5. */
    BICUBIC(2) {
      @Override
      double weight(double x) {
        if (x < 1) {
          return (1.5 * x - 2.5) * x * x + 1;
        }
        return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
      }
    },
    /** A triangle. */
    BILINEAR(1) {
      @Override
      double weight(double x) {
        return Math.max(0, 1 - x);
      }
    };

    private final int reach;

    Kernel(int reach) {
      this.reach = reach;
    }

    /**
     * Weight of a pixel.
     *
     * @param x distance, at least 0
     */
    abstract double weight(double x);
  }

  private final int size;

  /** The weights of one pixel before they are normalised. */
  private double[] exact = new double[NARROW];

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
   * @param offset where the part starts, in pixels
   * @param length of the part
   * @param kernel of the taps
   * @param antialias whether the kernel widens where the line shrinks
   */
  void compute(int offset, int length, Kernel kernel, boolean antialias) {
    double scale = (double) length / size;
    double stretch = antialias ? Math.max(1, scale) : 1;
    double support = kernel.reach * stretch;
    start = offset;
    end = offset + length;
    stride = stretch == 1 ? NARROW : (int) Math.ceil(2 * support) + 1;
    if (weights.length < size * stride) {
      weights = new float[size * stride];
    }
    if (exact.length < stride) {
      exact = new double[stride];
    }
    Arrays.fill(weights, 0, size * stride, 0);
    for (int i = 0; i < size; i++) {
      double center = offset + (i + 0.5) * scale - 0.5;
      int low = Math.max(start, (int) Math.floor(center - support) + 1);
      int high = Math.min(end - 1, (int) Math.ceil(center + support) - 1);
      int taps = high - low + 1;
      double sum = 0;
      for (int tap = 0; tap < taps; tap++) {
        exact[tap] = kernel.weight(Math.abs(low + tap - center) / stretch);
        sum += exact[tap];
      }
      for (int tap = 0; tap < taps; tap++) {
        weights[i * stride + tap] = (float) (exact[tap] / sum);
      }
      first[i] = low;
      count[i] = taps;
    }
  }
}
