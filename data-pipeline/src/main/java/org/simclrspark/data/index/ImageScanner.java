package org.simclrspark.data.index;

import java.io.IOException;
import java.io.Serializable;
import java.util.Collection;
import org.apache.hadoop.conf.Configuration;

/**
 * Finds the images of a dataset in one format. The same scan makes the index and streams what has
 * no random access, so that there is one reading of a format.
 */
public interface ImageScanner extends Serializable {

  /** The format's name, for messages. */
  String format();

  /**
   * Lists the units, without reading them.
   *
   * @throws org.simclrspark.data.DataException if there is nothing or it cannot be listed
   */
  ScanUnits list(Configuration hadoop);

  /**
   * Scans a unit.
   *
   * @param withBytes whether the images themselves are wanted
   */
  ImageScan open(ScanUnit unit, boolean withBytes, Configuration hadoop) throws IOException;

  /**
   * Whether images whose entries have no label are classed by the folders of their members' names.
   */
  default boolean isClassedByFolders() {
    return false;
  }

  /**
   * Looks at the classes that were found by folders.
   *
   * @throws org.simclrspark.data.DataException if they can be none
   */
  default void checkFolders(Collection<String> classes) {}

  /** Whether units and their images come in the order of ids; otherwise names are sorted. */
  default boolean isOrdered() {
    return true;
  }

  /** Whether each image has a file to itself, which may change while its unit does not. */
  default boolean hasFileForEachImage() {
    return false;
  }
}
