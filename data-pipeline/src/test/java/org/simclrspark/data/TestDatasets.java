package org.simclrspark.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.fs.Path;
import org.simclrspark.data.index.Dataset;
import org.simclrspark.data.index.DatasetSpec;
import org.simclrspark.data.index.ReadSettings;

/** Opens datasets with an index of their own. */
public final class TestDatasets {
  private TestDatasets() {}

  /** Parent of all indexes of this JVM, which is deleted when the JVM ends. */
  private static final class Indexes {
    static final java.nio.file.Path DIRECTORY = create();

    private static java.nio.file.Path create() {
      try {
        java.nio.file.Path directory = Files.createTempDirectory("indexes");
        Thread delete = new Thread(() -> FileUtils.deleteQuietly(directory.toFile()));
        Runtime.getRuntime().addShutdownHook(delete);
        return directory;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  public static Dataset open(String path, String format) {
    return open(path, format, newIndex());
  }

  public static Dataset open(String path, String format, Path index) {
    return ImageSources.open(
        LocalSpark.context(), DatasetSpec.train(path, format), index, ReadSettings.DEFAULT);
  }

  public static Path newIndex() {
    try {
      return new Path(Files.createTempDirectory(Indexes.DIRECTORY, "index").toUri());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All images in the order of ids, a few in a partition. */
  public static List<ImageRecord> read(String path, String format) {
    return open(path, format).images(LocalSpark.context(), 700).collect();
  }
}
