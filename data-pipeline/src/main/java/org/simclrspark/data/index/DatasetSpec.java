package org.simclrspark.data.index;

import java.io.Serializable;

/**
 * A dataset as the user names it.
 *
 * @param path a file, a directory or a glob on any Hadoop file system
 * @param format one of {@link org.simclrspark.data.ImageSources#FORMATS}
 * @param split which part is meant where one path holds several
 * @param columns of a table
 */
public record DatasetSpec(String path, String format, Split split, Columns columns)
    implements Serializable {

  /** Parts of a dataset that may lie at one path. */
  public enum Split {
    /** The images to train on. */
    TRAIN,
    /** The images to evaluate on. */
    TEST
  }

  /**
   * Columns of a table; null: found by their usual names.
   *
   * @param image with the images
   * @param label with the classes
   */
  public record Columns(String image, String label) implements Serializable {
    /** Found by their usual names. */
    public static final Columns FOUND = new Columns(null, null);
  }

  /** Training images at a path. */
  public static DatasetSpec train(String path, String format) {
    return new DatasetSpec(path, format, Split.TRAIN, Columns.FOUND);
  }

  /** Test images at a path. */
  public static DatasetSpec test(String path, String format) {
    return new DatasetSpec(path, format, Split.TEST, Columns.FOUND);
  }
}
