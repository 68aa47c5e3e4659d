package org.simclrspark.driver.evaluate;

import org.simclrspark.worker.shard.RawFloats;

/**
 * Representations h of some images.
 *
 * @param ids image ids, [count]
 * @param labels class numbers, [count]
 * @param values h = f(x), [count, size], row-major
 * @param size values in a row
 */
record FeatureBlock(long[] ids, int[] labels, RawFloats values, int size) implements RowBlock {

  FeatureBlock {
    if (labels.length != ids.length
        || values.values().length != Math.multiplyExact(ids.length, size)) {
      throw new IllegalArgumentException(
          "A block of features must have as many labels and rows as ids, found "
              + ids.length
              + " ids, "
              + labels.length
              + " labels, "
              + values.values().length
              + " values of rows of "
              + size);
    }
  }

  @Override
  public int count() {
    return ids.length;
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
    System.arraycopy(values.values(), row * size, target, 0, size);
  }
}
