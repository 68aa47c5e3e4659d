package org.simclrspark.driver.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.data.source.TestImages;
import org.simclrspark.driver.LocalSpark;
import org.simclrspark.driver.config.SimclrConfig;

/**
 * Test images that are the training images make every accuracy look good, by a slip of the path.
 */
class TestImagesSeenTest {

  @TempDir Path directory;

  @BeforeEach
  void makeImages() throws Exception {
    TestImages.folder(directory.resolve("train"), TestImages.images(12));
    TestImages.folder(directory.resolve("copy"), TestImages.images(12));
    TestImages.folder(directory.resolve("test"), TestImages.images(9));
  }

  private List<String> said(String test) {
    SimclrConfig config =
        SimclrConfig.of(
            "data.train=" + directory.resolve("train"),
            "data.test=" + directory.resolve(test),
            "augment.preset=cifar",
            "encoder.depth=18",
            "encoder.width=0.25",
            "encoder.stem=small",
            "train.batch=8",
            "train.shards=1",
            "train.micro-batch=8",
            "worker.threads=1");
    List<String> said = new ArrayList<>();
    org.apache.hadoop.fs.Path run =
        new org.apache.hadoop.fs.Path(directory.resolve("run").toString());
    Datasets datasets = new Datasets(LocalSpark.context(), config, run, false, said::add);
    Pretraining.requireTrainable(LocalSpark.context(), config, datasets, said::add);
    return said;
  }

  @Test
  void areTold() {
    String told = "data.test holds the images of data.train";
    assertThat(said("train")).anyMatch(line -> line.startsWith(told));
    assertThat(said("copy")).anyMatch(line -> line.startsWith(told));
    assertThat(said("test")).noneMatch(line -> line.startsWith(told));
  }
}
