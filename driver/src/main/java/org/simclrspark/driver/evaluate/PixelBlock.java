package org.simclrspark.driver.evaluate;

import org.simclrspark.worker.shard.RawFloats;

/**
 * Raw pixels of some images, minus a mean image.
 *
 * @param ids image ids, [count]
 * @param labels class numbers, [count]
 * @param pixels [count, size] unsigned bytes
 * @param mean the mean image, [size]
 */
record PixelBlock(long[] ids, int[] labels, byte[] pixels, RawFloats mean) implements RowBlock {

  @Override
  public int count() {
    return ids.length;
  }

  @Override
  public int size() {
    return mean.values().length;
  }

  @Override
  public long id(int row) {
    return ids[row];
  }

  @Override
  public int label(int row) {
    return labels[row];
  }

  @Override
  public void copy(int row, float[] target) {
    float[] means = mean.values();
    for (int i = 0; i < means.length; i++) {
      target[i] = (pixels[row * means.length + i] & 0xff) - means[i];
    }
  }
}
