package org.simclrspark.driver.evaluate;

/**
 * Representations h of a dataset.
 *
 * @param ids image ids, [count]
 * @param labels class indices, or -1 without one, [count]
 * @param values h = f(x), [count, size], row-major
 * @param size values in a row
 */
public record Features(long[] ids, int[] labels, float[] values, int size) implements Vectors {

  public Features {
    if (labels.length != ids.length || values.length != Math.multiplyExact(ids.length, size)) {
      throw new IllegalArgumentException(
          "A table of features must have as many labels and rows as ids, found "
              + ids.length
              + " ids, "
              + labels.length
              + " labels, "
              + values.length
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
  public void copy(int row, float[] target, int offset) {
    System.arraycopy(values, row * size, target, offset, size);
  }
}
