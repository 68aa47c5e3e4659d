package org.simclrspark.data;

import java.util.List;
import org.simclrspark.data.source.AutoSource;
import org.simclrspark.data.source.CifarFormat;
import org.simclrspark.data.source.CifarSource;
import org.simclrspark.data.source.FolderSource;
import org.simclrspark.data.source.ManifestSource;
import org.simclrspark.data.source.ParquetSource;
import org.simclrspark.data.source.SequenceSource;
import org.simclrspark.data.source.TarSource;

/** Opens image datasets by the name of their format. */
public final class ImageSources {
  /** The names that {@link #open} knows. */
  public static final List<String> FORMATS =
      List.of("auto", "cifar10", "cifar100", "folder", "parquet", "tar", "sequence", "manifest");

  private ImageSources() {}

  /**
   * A dataset; nothing is read before it is used.
   *
   * @param path a file, a directory or a glob on any Hadoop file system
   * @param format one of {@link #FORMATS}; "auto" goes by what is at the path
   * @throws DataException if there is no such format
   */
  public static ImageSource open(String path, String format) {
    return switch (format) {
      case "auto" -> new AutoSource(path, found -> open(path, found));
      case "cifar10" -> new CifarSource(path, CifarFormat.CIFAR_10);
      case "cifar100" -> new CifarSource(path, CifarFormat.CIFAR_100);
      case "folder" -> new FolderSource(path);
      case "parquet" -> new ParquetSource(path);
      case "tar" -> new TarSource(path);
      case "sequence" -> new SequenceSource(path);
      case "manifest" -> new ManifestSource(path);
      default ->
          throw new DataException(
              "The data format must be one of " + String.join(", ", FORMATS) + ", found " + format);
    };
  }
}
