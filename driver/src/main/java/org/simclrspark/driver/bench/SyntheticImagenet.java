package org.simclrspark.driver.bench;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.commons.io.FileUtils;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.data.ImageSources;
import org.simclrspark.data.augment.AugmentSettings;
import org.simclrspark.data.index.Dataset;
import org.simclrspark.data.index.DatasetSpec;
import org.simclrspark.data.index.ReadSettings;

/**
 * Training and test images of {@link SyntheticClasses} and their indexes, in one directory of this
 * machine.
 */
record SyntheticImagenet(Path home) {

  /** How its views are made. */
  static final AugmentSettings AUGMENT = AugmentSettings.cifar();

  /** Makes the images, unless they are there already. */
  void make(JavaSparkContext spark, long images, long testImages, int classes) throws IOException {
    new SyntheticClasses(home.resolve("train"), images, classes, 1).make(spark);
    new SyntheticClasses(home.resolve("test"), testImages, classes, 2).make(spark);
  }

  /** The training images; makes their index where there is none. */
  Dataset train(JavaSparkContext spark) {
    return open(spark, DatasetSpec.train(files("train"), "tar"));
  }

  /** The test images; makes their index where there is none. */
  Dataset test(JavaSparkContext spark) {
    return open(spark, DatasetSpec.test(files("test"), "tar"));
  }

  void deleteIndexes() throws IOException {
    FileUtils.deleteDirectory(indexes().toFile());
  }

  private String files(String split) {
    return home.resolve(split) + "/part-*.tar";
  }

  private Path indexes() {
    return home.resolve("index");
  }

  private Dataset open(JavaSparkContext spark, DatasetSpec spec) {
    return ImageSources.open(
        spark, spec, new org.apache.hadoop.fs.Path(indexes().toString()), ReadSettings.DEFAULT);
  }
}
