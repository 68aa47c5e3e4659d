package org.simclrspark.driver.evaluate;

import org.simclrspark.data.DataException;

/** Checks that evaluation has the labels it needs. */
final class Labels {

  private Labels() {}

  /**
   * Number of classes: the largest label plus one.
   *
   * @param which the dataset's role, for messages
   * @throws DataException if there are no images or one has no label
   */
  static int classes(Vectors vectors, String which) {
    if (vectors.count() == 0) {
      throw new DataException(
          "Evaluation must have " + which + " images, found none; set the path of a dataset");
    }
    int largest = 0;
    int missing = 0;
    for (int row = 0; row < vectors.count(); row++) {
      largest = Math.max(largest, vectors.label(row));
      if (vectors.label(row) < 0) {
        missing++;
      }
    }
    if (missing > 0) {
      throw new DataException(
          "Evaluation must have a label for each image, found "
              + missing
              + " of "
              + vectors.count()
              + " "
              + which
              + " images without one; use a labelled dataset or switch evaluation off");
    }
    return largest + 1;
  }
}
