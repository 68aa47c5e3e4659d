package org.simclrspark.driver.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.data.ImageSources;
import org.simclrspark.data.index.Dataset;
import org.simclrspark.data.index.DatasetSpec;
import org.simclrspark.data.index.ReadCounters;
import org.simclrspark.data.index.ReadSettings;
import org.simclrspark.data.source.TestImages;
import org.simclrspark.driver.LocalSpark;

/** Images on an S3 that answers 503 Slow Down for a while. */
@ExtendWith(FileSystems.Parameter.class)
class BusyDataTest {

  @TempDir java.nio.file.Path directory;

  @Test
  void refusedRequestsAreTriedAgainAndCounted(FileSystems fileSystems) throws Exception {
    S3Server server = fileSystems.s3();
    SortedMap<String, byte[]> images = TestImages.images(12);
    Path data = new Path(server.newDirectory(), "tars");
    FileSystem target = data.getFileSystem(server.configuration());
    target.mkdirs(data.getParent());
    TestImages.tars(directory.resolve("tars"), images);
    target.copyFromLocalFile(new Path(directory.resolve("tars").toUri()), data.getParent());
    JavaSparkContext spark = LocalSpark.context();
    try (BusyProxy proxy = new BusyProxy(server.port())) {
      S3Server.configuration(proxy.port())
          .forEach(entry -> spark.hadoopConfiguration().set(entry.getKey(), entry.getValue()));
      spark.hadoopConfiguration().setBoolean("fs.s3a.impl.disable.cache", true);
      Dataset dataset =
          ImageSources.open(
              spark,
              DatasetSpec.train(data.toString(), "tar"),
              new Path(Files.createDirectory(directory.resolve("index")).toUri()),
              ReadSettings.DEFAULT);
      proxy.setBusy(true);
      CompletableFuture<Void> later =
          CompletableFuture.runAsync(
              () -> proxy.setBusy(false), CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS));
      ReadCounters counters = new ReadCounters(spark);
      long[] ids = {11, 0, 5, 2};
      List<byte[]> read =
          spark
              .parallelize(List.of(0), 1)
              .flatMap(task -> dataset.reader().read(ids, counters))
              .map(image -> image.bytes())
              .collect();
      later.join();
      List<byte[]> stored = List.copyOf(images.values());
      for (int i = 0; i < ids.length; i++) {
        assertThat(read.get(i)).isEqualTo(stored.get((int) ids[i]));
      }
      assertThat(proxy.refusals()).isPositive();
      // What is refused while a window is read is counted with the next.
      spark
          .parallelize(List.of(0), 1)
          .flatMap(task -> dataset.reader().read(ids, counters))
          .count();
      Map<String, Long> values = counters.values();
      assertThat(values.get("throttled")).isPositive();
    }
  }
}
