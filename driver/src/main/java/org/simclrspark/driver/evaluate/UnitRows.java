package org.simclrspark.driver.evaluate;

import org.simclrspark.worker.onednn.ProductTiles;

/** The rows of a block scaled to unit length; a row of zeros stays as it is. */
record UnitRows(RowBlock block) implements ProductTiles.Vectors {

  /**
   * Copies a row.
   *
   * @throws IllegalStateException if a value is not finite
   */
  @Override
  public void copy(int row, float[] target) {
    block.copy(row, target);
    double squares = 0;
    for (float value : target) {
      squares += (double) value * value;
    }
    if (!Double.isFinite(squares)) {
      throw new IllegalStateException(
          "The vectors to compare must be finite, found a value that is not in the one of image "
              + block.id(row)
              + ": training has diverged; lower the learning rate or raise the temperature");
    }
    if (squares > 0) {
      double scale = 1 / Math.sqrt(squares);
      for (int i = 0; i < target.length; i++) {
        target[i] = (float) (target[i] * scale);
      }
    }
  }
}
