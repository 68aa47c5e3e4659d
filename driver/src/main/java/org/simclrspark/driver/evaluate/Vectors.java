package org.simclrspark.driver.evaluate;

/** A labelled table of vectors, one row an image, held by the driver. */
public interface Vectors {

  /** Number of rows. */
  int count();

  /** Values in a row. */
  int size();

  /** Image id of a row. */
  long id(int row);

  /** Class index of a row, or -1 without one. */
  int label(int row);

  /** Copies the {@link #size} values of a row to {@code target} from {@code offset} on. */
  void copy(int row, float[] target, int offset);
}
