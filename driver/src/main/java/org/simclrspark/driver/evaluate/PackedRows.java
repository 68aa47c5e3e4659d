package org.simclrspark.driver.evaluate;

import java.io.Serializable;
import org.simclrspark.worker.RawFloats;

/**
 * Rows of unit length in groups of {@code lanes}, values of a group interleaved: [count / lanes
 * rounded up, size, lanes]. Rows that fill the last group are zero.
 *
 * @param lanes rows in a group
 * @param count rows without the filling ones
 * @param size values in a row
 * @param packed the interleaved values
 */
record PackedRows(int lanes, int count, int size, RawFloats packed) implements Serializable {

  /**
   * Takes rows {@code from} to {@code to} (exclusive) and scales each to unit length; a row of
   * zeros stays as it is.
   *
   * @throws IllegalStateException if a value is not finite
   */
  static PackedRows of(Vectors vectors, int from, int to, int lanes) {
    int size = vectors.size();
    int groups = (to - from + lanes - 1) / lanes;
    float[] values = new float[Math.multiplyExact(Math.multiplyExact(groups, lanes), size)];
    float[] row = new float[size];
    for (int i = from; i < to; i++) {
      vectors.copy(i, row, 0);
      double scale = 1 / length(row, vectors.id(i));
      int target = (i - from) / lanes * size * lanes + (i - from) % lanes;
      for (float value : row) {
        values[target] = (float) (value * scale);
        target += lanes;
      }
    }
    return new PackedRows(lanes, to - from, size, new RawFloats(values));
  }

  private static double length(float[] row, long id) {
    double squares = 0;
    for (float value : row) {
      squares += (double) value * value;
    }
    if (!Double.isFinite(squares)) {
      throw new IllegalStateException(
          "The vectors to compare must be finite, found a value that is not in the one of image "
              + id
              + ": training has diverged; lower the learning rate or raise the temperature");
    }
    return squares == 0 ? 1 : Math.sqrt(squares);
  }

  /** The interleaved values. */
  float[] values() {
    return packed.values();
  }

  /** Where a group starts in {@link #values}. */
  int groupOffset(int group) {
    return group * size * lanes;
  }
}
