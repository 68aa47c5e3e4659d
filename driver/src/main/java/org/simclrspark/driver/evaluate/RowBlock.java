package org.simclrspark.driver.evaluate;

import java.io.Serializable;

/** Vectors of some images of a dataset, with their labels: a block lives on an executor. */
interface RowBlock extends Serializable {

  /** Number of rows. */
  int count();

  /** Values in a row. */
  int size();

  /** Image id of a row. */
  long id(int row);

  /** Class number of a row. */
  int label(int row);

  /** Copies the {@link #size} values of a row to the front of {@code target}. */
  void copy(int row, float[] target);
}
