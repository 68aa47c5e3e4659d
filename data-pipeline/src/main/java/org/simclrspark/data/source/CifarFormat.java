package org.simclrspark.data.source;

import java.util.List;

/**
 * CIFAR's binary format: records of one or two label bytes and 3072 pixel bytes (1024 red, 1024
 * green, 1024 blue, each 32 rows of 32), without a header (Krizhevsky 2009).
 */
public enum CifarFormat {
  /** One label byte, 10 classes. */
  CIFAR_10(1, 10),
  /** A coarse and a fine label byte, 100 classes; the label is the fine one. */
  CIFAR_100(2, 100);

  /** Side of an image, in pixels. */
  public static final int SIDE = 32;

  /** Pixel bytes of an image. */
  public static final int IMAGE_BYTES = 3 * SIDE * SIDE;

  /** The classes of CIFAR-10, by label. */
  public static final List<String> CLASSES_10 =
      List.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  private final int labelBytes;
  private final int classes;

  CifarFormat(int labelBytes, int classes) {
    this.labelBytes = labelBytes;
    this.classes = classes;
  }

  /** Label bytes before the pixels. */
  public int labelBytes() {
    return labelBytes;
  }

  /** Number of classes. */
  public int classes() {
    return classes;
  }

  /** Bytes of a record. */
  public int recordBytes() {
    return labelBytes + IMAGE_BYTES;
  }
}
