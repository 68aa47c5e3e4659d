package org.simclrspark.data;

import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.data.index.Dataset;
import org.simclrspark.data.index.DatasetSpec;
import org.simclrspark.data.index.ImageScanner;
import org.simclrspark.data.index.ReadSettings;
import org.simclrspark.data.index.ScanUnit;
import org.simclrspark.data.index.UnitImages;
import org.simclrspark.data.source.CifarFormat;
import org.simclrspark.data.source.CifarScanner;
import org.simclrspark.data.source.FolderScanner;
import org.simclrspark.data.source.FormatDetector;
import org.simclrspark.data.source.ManifestScanner;
import org.simclrspark.data.source.ParquetScanner;
import org.simclrspark.data.source.SequenceScanner;
import org.simclrspark.data.source.TarScanner;

/** Opens image datasets by the name of their format. */
public final class ImageSources {
  /** The names that {@link #scanner} knows. */
  public static final List<String> FORMATS =
      List.of("auto", "cifar10", "cifar100", "folder", "parquet", "tar", "sequence", "manifest");

  private ImageSources() {}

  /**
   * The scanner of a dataset's format.
   *
   * @throws DataException if there is no such format, or it is to be found from the path and
   *     nothing is there or nothing that is known
   */
  public static ImageScanner scanner(DatasetSpec spec, Configuration hadoop) {
    String path = spec.path();
    return switch (spec.format()) {
      case "auto" -> {
        String found = FormatDetector.detect(path, hadoop);
        yield scanner(new DatasetSpec(path, found, spec.split(), spec.columns()), hadoop);
      }
      case "cifar10" -> new CifarScanner(path, CifarFormat.CIFAR_10, spec.split());
      case "cifar100" -> new CifarScanner(path, CifarFormat.CIFAR_100, spec.split());
      case "folder" -> new FolderScanner(path, spec.split());
      case "parquet" -> new ParquetScanner(spec);
      case "tar" -> new TarScanner(path);
      case "sequence" -> new SequenceScanner(path);
      case "manifest" -> new ManifestScanner(path, spec.columns());
      default ->
          throw new DataException(
              "The data format must be one of "
                  + String.join(", ", FORMATS)
                  + ", found "
                  + spec.format());
    };
  }

  /**
   * Opens a dataset by its index.
   *
   * @param index directory of the index, which is made if it is not there or out of date
   * @throws DataException if the dataset cannot be read
   */
  public static Dataset open(
      JavaSparkContext spark, DatasetSpec spec, Path index, ReadSettings settings) {
    return Dataset.open(spark, scanner(spec, spark.hadoopConfiguration()), spec, index, settings);
  }

  /** Some images of a dataset, those that are met first, without an index. */
  public static List<ImageRecord> first(DatasetSpec spec, int count, Configuration hadoop) {
    ImageScanner scanner = scanner(spec, hadoop);
    List<ImageRecord> images = new ArrayList<>();
    for (ScanUnit unit : scanner.list(hadoop).units()) {
      try (UnitImages ofUnit = new UnitImages(scanner, unit, images.size(), hadoop)) {
        while (images.size() < count && ofUnit.hasNext()) {
          images.add(ofUnit.next());
        }
      }
      if (images.size() == count) {
        break;
      }
    }
    return images;
  }
}
