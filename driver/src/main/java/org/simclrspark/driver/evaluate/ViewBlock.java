package org.simclrspark.driver.evaluate;

import java.io.Serializable;
import java.util.List;
import org.simclrspark.worker.shard.DamagedImage;

/**
 * Evaluation views of some images.
 *
 * @param ids image ids, ascending, [count]
 * @param labels class numbers, [count]
 * @param pixels [count, 3, side, side] unsigned bytes
 * @param side of a view, in pixels
 * @param damaged images that were left out
 */
record ViewBlock(long[] ids, int[] labels, byte[] pixels, int side, List<DamagedImage> damaged)
    implements Serializable {

  /** Number of views. */
  int count() {
    return ids.length;
  }

  /** Bytes of a view. */
  int viewLength() {
    return 3 * side * side;
  }

  /** Pixel values in [0, 1] of views {@code from} to {@code to} (exclusive). */
  float[] values(int from, int to) {
    float[] values = new float[(to - from) * viewLength()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (pixels[from * viewLength() + i] & 0xff) / 255f;
    }
    return values;
  }
}
