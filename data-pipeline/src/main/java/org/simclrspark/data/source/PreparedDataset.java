package org.simclrspark.data.source;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.simclrspark.data.DataException;

/** The marks that tell a whole prepared dataset from one whose preparation was interrupted. */
public final class PreparedDataset {
  /** Written last; says what is in the dataset. */
  public static final String SUMMARY = "dataset.json";

  /** Holds what is not finished; gone when the dataset is whole. */
  public static final String WORK = "_preparing";

  private PreparedDataset() {}

  /**
   * Refuses the directory of an interrupted preparation.
   *
   * @throws DataException if it is one
   */
  static void checkComplete(String path, Configuration configuration) {
    try {
      Path asked = new Path(path);
      FileSystem fileSystem = asked.getFileSystem(configuration);
      if (fileSystem.exists(new Path(asked, WORK))) {
        throw new DataException(
            "A prepared dataset must be whole, but the preparation of "
                + path
                + " was interrupted; run the same simclr prepare again");
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new DataException(
          "Data cannot be listed at " + path + ": " + HadoopFiles.reason(e) + "; check the path",
          e);
    }
  }
}
