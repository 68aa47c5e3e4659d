package org.simclrspark.driver.config;

import java.util.Optional;

/**
 * Where the images are.
 *
 * @param train paths of the training images: local, or on any Hadoop file system
 * @param test labelled images to evaluate on; without them only the loss is reported
 * @param format how the images are stored
 */
public record DataConfig(String train, Optional<String> test, Format format) {

  /** How images are stored. */
  public enum Format {
    /** Found from the path. */
    AUTO,
    /** CIFAR-10's binary format: records of a label and 3072 bytes. */
    CIFAR10
  }

  static DataConfig read(Section section) {
    String what = "a path, local or with a scheme such as hdfs:// or s3a://";
    return new DataConfig(
        section.text("train", what),
        section.optionalText("test", what),
        section.choice("format", Format.class));
  }
}
