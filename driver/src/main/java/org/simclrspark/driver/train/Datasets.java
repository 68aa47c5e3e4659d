package org.simclrspark.driver.train;

import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageSources;
import org.simclrspark.data.index.Dataset;
import org.simclrspark.data.index.DatasetSpec;
import org.simclrspark.data.index.ReadSettings;
import org.simclrspark.driver.config.SimclrConfig;

/** The datasets of a run, whose indexes lie in its directory. */
final class Datasets {
  private static final String INDEX = "index";

  private Datasets() {}

  /**
   * The training images.
   *
   * @throws org.simclrspark.data.DataException if they cannot be read one by one
   */
  static Dataset train(JavaSparkContext spark, SimclrConfig config, Path run) {
    DatasetSpec spec = DatasetSpec.train(config.data().train(), config.data().format());
    return open(spark, spec, new Path(new Path(run, INDEX), "train"));
  }

  /** The test images, if there are any. */
  static Dataset test(JavaSparkContext spark, SimclrConfig config, Path run) {
    DatasetSpec spec = DatasetSpec.test(config.data().test().orElseThrow(), config.data().format());
    return open(spark, spec, new Path(new Path(run, INDEX), "test"));
  }

  private static Dataset open(JavaSparkContext spark, DatasetSpec spec, Path index) {
    Dataset dataset = ImageSources.open(spark, spec, index, ReadSettings.DEFAULT);
    if (dataset.sequentialOnly() != null) {
      String path = spec.path();
      throw new DataException(
          "Images must be readable one by one, but those in "
              + path
              + " are not: "
              + dataset.sequentialOnly()
              + ". Turn them into Parquet first: deploy/simclr prepare --from "
              + path
              + " --to "
              + path.replaceAll("/+$", "")
              + "-prepared");
    }
    return dataset;
  }
}
