package org.simclrspark.data.index;

import java.io.Serializable;
import org.simclrspark.data.ImageRecord.Encoding;

/**
 * Where one image lies.
 *
 * @param file relative to the dataset's root; of a file outside it, a slash and the qualified path
 * @param member the image's name within the file; null if it is the whole file
 * @param offset of its first byte in the file; 0 in a file that can only be read from its beginning
 * @param length in bytes
 * @param encoding how the bytes hold the pixels
 * @param label name of its class, or null
 */
public record IndexEntry(
    String file, String member, long offset, long length, Encoding encoding, String label)
    implements Serializable {

  /** The image's name within its dataset, the same wherever the dataset lies. */
  public String name() {
    return member == null ? file : file + "#" + member;
  }

  /**
   * The whole path of a file.
   *
   * @param root of the dataset
   * @param file as in an entry
   */
  public static String path(String root, String file) {
    return file.startsWith("/") ? file.substring(1) : root + "/" + file;
  }
}
