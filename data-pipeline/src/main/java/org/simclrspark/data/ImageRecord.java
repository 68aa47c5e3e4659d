package org.simclrspark.data;

import java.io.Serializable;

/**
 * One image as it is stored.
 *
 * @param id stable and dense: 0 to M-1, whatever the listing order or partitioning
 * @param label name of the image's class, or null without one
 * @param name where the image is, for messages
 * @param encoding how {@code bytes} hold the pixels
 * @param bytes the stored form
 */
public record ImageRecord(long id, String label, String name, Encoding encoding, byte[] bytes)
    implements Serializable {

  /** How bytes hold pixels. */
  public enum Encoding {
    /** CIFAR's 3072 bytes: 1024 red, 1024 green, 1024 blue, each 32 rows of 32. */
    CIFAR,
    /** A JPEG, PNG or other file that says itself what it is. */
    FILE,
    /** Width and height, four bytes each, highest first, then red, green and blue of each pixel. */
    RAW
  }
}
