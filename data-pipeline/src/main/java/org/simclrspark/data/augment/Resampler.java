package org.simclrspark.data.augment;

import java.util.Arrays;

/**
 * Crops, resizes and flips in one go: bytes in, floats in [0, 1] out.
 *
 * <p>Bicubic with the kernel of Keys (1981), a = -0.5, and pixel centres at one half, as in
 * TensorFlow 2 and PIL; taps outside the crop are dropped and the rest normalised. Columns come
 * first, one output row at a time, so that no intermediate picture is needed.
 */
final class Resampler {
  private final int size;
  private final boolean antialias;
  private final Taps vertical;
  private final Taps horizontal;
  private float[] row = new float[0];

  Resampler(int size, boolean antialias) {
    this.size = size;
    this.antialias = antialias;
    this.vertical = new Taps(size);
    this.horizontal = new Taps(size);
  }

  /**
   * Writes the crop of an image as planes.
   *
   * @param out [3, size, size]
   */
  void resample(Pixels image, CropBox crop, boolean flip, float[] out) {
    vertical.compute(crop.height, antialias);
    horizontal.compute(crop.width, antialias);
    if (row.length < crop.width) {
      row = new float[crop.width];
    }
    for (int channel = 0; channel < 3; channel++) {
      for (int y = 0; y < size; y++) {
        combineRows(image, crop, channel, y);
        combineColumns(flip, out, (channel * size + y) * size);
      }
    }
  }

  private void combineRows(Pixels image, CropBox crop, int channel, int y) {
    Arrays.fill(row, 0, crop.width, 0);
    for (int tap = 0; tap < vertical.count[y]; tap++) {
      float weight = vertical.weights[y * vertical.stride + tap] / 255;
      int from = image.offset(channel, crop.left, crop.top + vertical.first[y] + tap);
      for (int x = 0; x < crop.width; x++) {
        row[x] += weight * (image.bytes[from + x * image.pixelStride] & 0xFF);
      }
    }
  }

  private void combineColumns(boolean flip, float[] out, int offset) {
    for (int x = 0; x < size; x++) {
      float sum = 0;
      int first = horizontal.first[x];
      int weights = x * horizontal.stride;
      for (int tap = 0; tap < horizontal.count[x]; tap++) {
        sum += horizontal.weights[weights + tap] * row[first + tap];
      }
      out[offset + (flip ? size - 1 - x : x)] = Math.min(1, Math.max(0, sum));
    }
  }

  /** Which pixels of a line make each pixel of the resized line, and with what weights. */
  static final class Taps {
    private final int size;
    final int[] first;
    final int[] count;
    float[] weights = new float[0];
    int stride;

    Taps(int size) {
      this.size = size;
      first = new int[size];
      count = new int[size];
    }

    void compute(int length, boolean antialias) {
      double scale = (double) length / size;
      double stretch = antialias ? Math.max(1, scale) : 1;
      double support = 2 * stretch;
      stride = (int) Math.ceil(support) * 2 + 1;
      if (weights.length < size * stride) {
        weights = new float[size * stride];
      }
      for (int i = 0; i < size; i++) {
        double center = (i + 0.5) * scale - 0.5;
        int low = Math.max(0, (int) Math.ceil(center - support));
        int high = Math.min(length - 1, (int) Math.floor(center + support));
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

    private static double keys(double distance) {
      double x = Math.abs(distance);
      if (x < 1) {
        return (1.5 * x - 2.5) * x * x + 1;
      }
      return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
    }
  }
}
