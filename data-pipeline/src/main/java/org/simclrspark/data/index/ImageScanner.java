package org.simclrspark.data.index;

import java.io.IOException;
import java.io.Serializable;
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

  /** Whether units and their images come in the order of ids; otherwise names are sorted. */
  default boolean isOrdered() {
    return true;
  }
}
