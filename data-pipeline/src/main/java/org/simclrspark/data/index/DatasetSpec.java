package org.simclrspark.data.index;

import java.io.Serializable;
import java.util.regex.Pattern;

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

  private static final Pattern GLOB = Pattern.compile("[*?\\[{]");
  private static final Pattern PLAIN_WORD = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

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

  /** Where {@code prepare} would put these images if nothing else is said: beside them. */
  public String preparedPath() {
    String plain = path;
    while (GLOB.matcher(plain).find() && plain.indexOf('/') >= 0) {
      plain = plain.substring(0, plain.lastIndexOf('/'));
    }
    return plain.replaceAll("/+$", "") + (split == Split.TRAIN ? "-prepared" : "-test-prepared");
  }

  /** The command that turns these images into a dataset that can be read at random. */
  public String prepareCommand() {
    StringBuilder command = new StringBuilder("deploy/simclr prepare --from ").append(quoted(path));
    if (!format.equals("auto")) {
      command.append(" --format ").append(format);
    }
    if (split == Split.TEST) {
      command.append(" --split test");
    }
    if (columns.image() != null) {
      command.append(" --image-column ").append(quoted(columns.image()));
    }
    if (columns.label() != null) {
      command.append(" --label-column ").append(quoted(columns.label()));
    }
    return command.append(" --to ").append(quoted(preparedPath())).toString();
  }

  /** As a shell takes it for one word. */
  private static String quoted(String text) {
    return PLAIN_WORD.matcher(text).matches() ? text : "'" + text.replace("'", "'\\''") + "'";
  }
}
