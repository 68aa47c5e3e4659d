package org.simclrspark.driver.train;

import java.util.Optional;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageSources;
import org.simclrspark.data.files.DataFiles;
import org.simclrspark.data.files.LocalNames;
import org.simclrspark.data.index.Dataset;
import org.simclrspark.data.index.DatasetSpec;
import org.simclrspark.driver.config.DataConfig;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.run.DataIdentity;
import org.simclrspark.driver.run.RunData;

/**
 * The datasets of a configuration, opened on first use. Runs that read the same images may share
 * them.
 */
public final class Datasets {
  private static final String INDEX = "index";

  private final JavaSparkContext spark;
  private final SimclrConfig config;
  private final Path index;
  private final boolean goesOn;
  private final Consumer<String> log;
  private Dataset train;
  private Optional<Dataset> test;
  private Optional<Dataset> labelled;

  /**
   * Opens nothing yet.
   *
   * @param run directory of the run, or of what the runs belong to: the indexes lie in it
   * @param goesOn whether the run was started before, and its images may have moved since
   * @param log hears what was left out
   */
  public Datasets(
      JavaSparkContext spark, SimclrConfig config, Path run, boolean goesOn, Consumer<String> log) {
    this.spark = spark;
    this.config = config;
    this.index = new Path(run, INDEX);
    this.goesOn = goesOn;
    this.log = log;
  }

  /**
   * The configuration with absolute paths, so that a run can be continued from another directory.
   */
  public static SimclrConfig withAbsolutePaths(SimclrConfig config, Configuration hadoop) {
    SimclrConfig absolute = config.with("data.train", absolute(config.data().train(), hadoop));
    if (config.data().test().isPresent()) {
      absolute = absolute.with("data.test", absolute(config.data().test().get(), hadoop));
    }
    if (config.data().labelled().isPresent()) {
      absolute = absolute.with("data.labelled", absolute(config.data().labelled().get(), hadoop));
    }
    return absolute;
  }

  private static String absolute(String path, Configuration hadoop) {
    boolean local = "file".equals(FileSystem.getDefaultUri(hadoop).getScheme());
    if (path.matches("[A-Za-z][A-Za-z0-9+.-]*:/.*") || (local && path.startsWith("/"))) {
      return path;
    }
    try {
      if (local) {
        String whole = DataFiles.of(path, hadoop).qualify(path);
        return LocalNames.name(LocalNames.path(whole).normalize());
      }
      Path named = new Path(path);
      return named.getFileSystem(hadoop).makeQualified(named).toString();
    } catch (java.io.IOException e) {
      throw new DataException(
          "Data must be reachable, but " + path + " is not: " + e.getMessage(), e);
    }
  }

  /**
   * The training images.
   *
   * @throws DataException if they cannot be read, or not one by one
   */
  public synchronized Dataset train() {
    if (train == null) {
      train = open("data.train", config.data().trainSpec());
    }
    return train;
  }

  /** The test images, if there are any. */
  public synchronized Optional<Dataset> test() {
    if (test == null) {
      test = config.data().testSpec().map(spec -> open("data.test", spec));
    }
    return test;
  }

  /** The images that an evaluation learns from, where they are not the training images. */
  public synchronized Optional<Dataset> labelled() {
    if (labelled == null) {
      labelled = config.data().labelledSpec().map(spec -> open("data.labelled", spec));
    }
    return labelled;
  }

  /** What these images are, to tell whether they have changed when the run goes on. */
  RunData identity() {
    DataConfig data = config.data();
    Optional<Dataset> judgedOn = test();
    return new RunData(
        DataIdentity.of(data.train(), train()),
        judgedOn.map(images -> DataIdentity.of(data.test().orElseThrow(), images)).orElse(null),
        judgedOn
            .flatMap(images -> labelled())
            .map(images -> DataIdentity.of(data.labelled().orElseThrow(), images))
            .orElse(null));
  }

  private Dataset open(String key, DatasetSpec spec) {
    Dataset dataset = find(key, spec);
    if (dataset.sequentialOnly() != null) {
      throw new DataException(
          key
              + ": images must be readable one by one, but those in "
              + spec.path()
              + " are not: "
              + dataset.sequentialOnly()
              + ". Turn them into Parquet first: "
              + spec.prepareCommand()
              + ", then go on with --set "
              + key
              + "="
              + spec.preparedPath());
    }
    if (!dataset.leftOut().isEmpty()) {
      log.accept(key + ": " + dataset.leftOut().describe());
    }
    return dataset;
  }

  private Dataset find(String key, DatasetSpec spec) {
    try {
      return ImageSources.open(spark, spec, index, config.data().reading());
    } catch (DataException e) {
      String moved =
          ". If the images have moved since the run was started, go on with --set " + key + "=PATH";
      throw new DataException(key + ": " + e.getMessage() + (goesOn ? moved : ""), e);
    }
  }
}
