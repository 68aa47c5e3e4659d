package org.simclrspark.driver.evaluate;

import java.util.stream.IntStream;
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
  static int classes(int[] labels, String which) {
    if (labels.length == 0) {
      throw new DataException(
          "Evaluation must have " + which + " images, found none; set the path of a dataset");
    }
    long missing = IntStream.of(labels).filter(label -> label < 0).count();
    requireAll(missing, labels.length, which);
    return IntStream.of(labels).max().getAsInt() + 1;
  }

  /**
   * Requires that every image has a label.
   *
   * @param missing images without one
   * @param count all images
   */
  static void requireAll(long missing, long count, String which) {
    if (missing > 0) {
      throw new DataException(
          "Evaluation must have a label for each image, found "
              + missing
              + " of "
              + count
              + " "
              + which
              + " images without one; use a labelled dataset, or set data.test=null to go without evaluation");
    }
  }

  /** The same for a table. */
  static int classes(Vectors vectors, String which) {
    return classes(IntStream.range(0, vectors.count()).map(vectors::label).toArray(), which);
  }
}
