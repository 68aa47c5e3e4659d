package org.simclrspark.driver.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.SortedMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.simclrspark.data.source.TestImages;
import org.simclrspark.driver.LocalSpark;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.report.LineProgress;
import org.simclrspark.driver.report.Progress;
import org.simclrspark.driver.report.Summary;
import org.simclrspark.driver.storage.FileSystems;
import org.simclrspark.driver.storage.Server;

/** The same images give the same bits, however they are stored and wherever. */
@ExtendWith(FileSystems.Parameter.class)
class FormatsTest {

  private static final int IMAGES = 25;

  @TempDir static java.nio.file.Path datasets;
  @TempDir static java.nio.file.Path runs;
  private static String expected;

  @BeforeAll
  static void write() throws IOException {
    SortedMap<String, byte[]> images = TestImages.images(IMAGES);
    TestImages.folder(datasets.resolve("folder"), images);
    TestImages.tars(datasets.resolve("tar"), images);
    TestImages.sequence(datasets.resolve("sequence"), images);
    expected = train(new Path(datasets.resolve("folder").toUri()), runs.resolve("expected"));
    assertThat(expected).hasSize(64);
  }

  @ParameterizedTest
  @EnumSource
  void everyFormatEndsInTheSameParameters(FileSystems.Kind kind, FileSystems fileSystems)
      throws Exception {
    Server server = fileSystems.server(kind);
    Path remote = server.newDirectory();
    Configuration hadoop = LocalSpark.context().hadoopConfiguration();
    for (Map.Entry<String, String> s3 : server.configuration()) {
      if (s3.getKey().startsWith("fs.s3a.")) {
        hadoop.set(s3.getKey(), s3.getValue());
      }
    }
    // Other tests reach the bucket of that name in other ways.
    hadoop.setBoolean("fs.s3a.impl.disable.cache", true);
    FileSystem target = remote.getFileSystem(hadoop);
    target.mkdirs(remote);
    for (String format : new String[] {"folder", "tar", "sequence"}) {
      target.copyFromLocalFile(new Path(datasets.resolve(format).toUri()), remote);
      assertThat(train(new Path(remote, format), runs.resolve(kind + "-" + format)))
          .as(kind + " " + format)
          .isEqualTo(expected);
    }
  }

  /** Trains two steps, an epoch each, and returns the hash of the parameters. */
  private static String train(Path images, java.nio.file.Path run) throws IOException {
    SimclrConfig config =
        SimclrConfig.of(
            "data.train=" + images,
            "augment.preset=cifar",
            "encoder.depth=18",
            "encoder.width=0.25",
            "encoder.stem=small",
            "projection.hidden=32",
            "projection.dim=16",
            "train.batch=24",
            "train.shards=2",
            "train.micro-batch=6",
            "train.epochs=2",
            "optimizer.name=adam",
            "optimizer.learning-rate=0.001",
            "optimizer.scaling=none",
            "optimizer.warmup-epochs=0",
            "worker.threads=1",
            "checkpoint.every-epochs=0");
    JavaSparkContext spark = LocalSpark.context();
    Path directory = new Path(run.toUri());
    Files.createDirectories(run);
    try (Progress progress = new LineProgress(System.out)) {
      assertThat(Pretraining.run(spark, config, directory, progress)).isZero();
    }
    return (String)
        Summary.read(directory, spark.hadoopConfiguration())
            .orElseThrow()
            .values()
            .get(Summary.PARAMETERS_SHA256);
  }
}
