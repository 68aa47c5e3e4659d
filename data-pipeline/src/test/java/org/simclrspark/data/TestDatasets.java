package org.simclrspark.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.simclrspark.data.index.Dataset;
import org.simclrspark.data.index.DatasetSpec;
import org.simclrspark.data.index.ReadSettings;

/** Opens datasets with an index of their own. */
public final class TestDatasets {
  private TestDatasets() {}

  public static Dataset open(String path, String format) {
    return open(path, format, newIndex());
  }

  public static Dataset open(String path, String format, Path index) {
    return ImageSources.open(
        LocalSpark.context(), DatasetSpec.train(path, format), index, ReadSettings.DEFAULT);
  }

  public static Path newIndex() {
    try {
      java.nio.file.Path directory = Files.createTempDirectory("index");
      directory.toFile().deleteOnExit();
      return new Path(directory.toUri());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All images in the order of ids, a few in a partition. */
  public static List<ImageRecord> read(String path, String format) {
    return open(path, format).images(LocalSpark.context(), 700).collect();
  }
}
