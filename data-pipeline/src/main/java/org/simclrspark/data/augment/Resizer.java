package org.simclrspark.data.augment;

import org.simclrspark.data.decode.Pixels;

/** Resizes whole images, bicubic with antialiasing, as PIL does. */
public final class Resizer {
  private float[] row = new float[0];

  /** Writes an image at another size. */
  public void resize(Pixels from, int width, int height, Pixels to) {
    Taps vertical = new Taps(height);
    Taps horizontal = new Taps(width);
    vertical.compute(0, from.height(), Taps.Kernel.BICUBIC, true);
    horizontal.compute(0, from.width(), Taps.Kernel.BICUBIC, true);
    if (row.length < 3 * from.width()) {
      row = new float[3 * from.width()];
    }
    to.resize(width, height);
    for (int y = 0; y < height; y++) {
      combineRows(from, vertical, y);
      for (int x = 0; x < width; x++) {
        to.words()[y * width + x] = combineColumns(horizontal, x);
      }
    }
  }

  private void combineRows(Pixels from, Taps taps, int y) {
    int width = from.width();
    java.util.Arrays.fill(row, 0, 3 * width, 0);
    for (int tap = 0; tap < taps.count[y]; tap++) {
      float weight = taps.weights[y * taps.stride + tap];
      int start = (taps.first[y] + tap) * width;
      for (int x = 0; x < width; x++) {
        int word = from.words()[start + x];
        row[3 * x] += weight * Pixels.red(word);
        row[3 * x + 1] += weight * Pixels.green(word);
        row[3 * x + 2] += weight * Pixels.blue(word);
      }
    }
  }

  private int combineColumns(Taps taps, int x) {
    float red = 0;
    float green = 0;
    float blue = 0;
    for (int tap = 0; tap < taps.count[x]; tap++) {
      float weight = taps.weights[x * taps.stride + tap];
      int at = 3 * (taps.first[x] + tap);
      red += weight * row[at];
      green += weight * row[at + 1];
      blue += weight * row[at + 2];
    }
    return Pixels.word(toByte(red), toByte(green), toByte(blue));
  }

  private static int toByte(float value) {
    return value <= 0 ? 0 : value >= 255 ? 255 : (int) (value + 0.5f);
  }
}
