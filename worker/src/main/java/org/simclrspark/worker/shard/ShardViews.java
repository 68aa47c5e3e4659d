package org.simclrspark.worker.shard;

import java.io.Serializable;
import java.util.List;

/**
 * The views of a shard in compact form: a byte a value, which stands for value/255.
 *
 * @param images that could be decoded: K/S without damaged ones
 * @param first the first view of every such image, [images, 3, size, size], row-major
 * @param second the second view of every such image, likewise
 * @param damaged the shard's other images, in the order of their slots
 * @param repaired those of its images in which something had to be overlooked
 */
public record ShardViews(
    int images,
    byte[] first,
    byte[] second,
    List<DamagedImage> damaged,
    List<DamagedImage> repaired)
    implements Serializable {

  private static final float[] VALUES = new float[256];

  static {
    for (int i = 0; i < VALUES.length; i++) {
      VALUES[i] = i / 255f;
    }
  }

  /**
   * Writes the values of a micro-batch, in [0, 1].
   *
   * @param view 0 for the first, 1 for the second
   * @param from index of the first value in that view's array
   * @param values filled completely
   */
  public void expand(int view, int from, float[] values) {
    byte[] bytes = view == 0 ? first : second;
    for (int i = 0; i < values.length; i++) {
      values[i] = VALUES[bytes[from + i] & 0xFF];
    }
  }
}
