package org.simclrspark.data.prepare;

import java.io.Serializable;
import org.simclrspark.data.index.DatasetSpec;

/**
 * What to prepare, and how.
 *
 * @param from the dataset
 * @param to directory of the prepared dataset
 * @param shorterSide to which larger images shrink, in pixels; 0 leaves them as they are
 * @param form how images are stored
 * @param quality of JPEG, 1 to 100
 * @param overwrite whether a dataset that was prepared otherwise may be replaced
 */
public record PrepareSettings(
    DatasetSpec from, String to, int shorterSide, Form form, int quality, boolean overwrite)
    implements Serializable {

  /** How images are stored. */
  public enum Form {
    /** As they are, unless they shrink: then as JPEG. */
    KEEP,
    /** As JPEG. */
    JPEG,
    /** As pixels, which need no decoding and much room. */
    RAW
  }

  public PrepareSettings {
    if (shorterSide < 0) {
      throw new IllegalArgumentException(
          "The shorter side must be at least 1 pixel, or 0 for no resizing, found " + shorterSide);
    }
    if (quality < 1 || quality > 100) {
      throw new IllegalArgumentException(
          "The quality of JPEG must lie in 1 to 100, found " + quality);
    }
  }
}
