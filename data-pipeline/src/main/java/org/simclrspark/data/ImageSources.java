package org.simclrspark.data;

import java.util.List;
import org.simclrspark.data.source.CifarFormat;
import org.simclrspark.data.source.CifarSource;

/** Opens image datasets by the name of their format. */
public final class ImageSources {
  /** The names that {@link #open} knows. */
  public static final List<String> FORMATS = List.of("auto", "cifar", "cifar100");

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
      case "auto", "cifar" -> new CifarSource(path, CifarFormat.CIFAR_10);
      case "cifar100" -> new CifarSource(path, CifarFormat.CIFAR_100);
      default ->
          throw new DataException(
              "The data format must be one of " + String.join(", ", FORMATS) + ", found " + format);
    };
  }
}
