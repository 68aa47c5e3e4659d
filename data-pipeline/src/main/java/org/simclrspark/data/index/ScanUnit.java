package org.simclrspark.data.index;

import java.io.Serializable;

/**
 * A part of a dataset that one task scans: a file, a directory, or a range of a file.
 *
 * @param root of the dataset, a qualified path without a slash at its end
 * @param name of the file or directory relative to the root; empty for the root itself
 * @param from first byte of a file that belongs to the unit
 * @param to the byte behind the last; of a whole file its length, of a directory 0
 * @param modified time of the file's last change in milliseconds; of a directory 0
 */
public record ScanUnit(String root, String name, long from, long to, long modified)
    implements Serializable {

  /** The whole path. */
  public String path() {
    return root + "/" + name;
  }
}
