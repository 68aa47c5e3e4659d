package org.simclrspark.driver.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.data.ImageSources;
import org.simclrspark.data.decode.DecodeLimits;
import org.simclrspark.data.epoch.EpochPlan;
import org.simclrspark.data.epoch.EpochShards;
import org.simclrspark.data.index.Dataset;
import org.simclrspark.data.index.DatasetSpec;
import org.simclrspark.data.index.ReadCounters;
import org.simclrspark.data.index.ReadSettings;
import org.simclrspark.driver.LocalSpark;

/**
 * Images a second of indexed reads from a local disk, HDFS, S3 and S3 that answers 30 ms late, with
 * servers on this machine: the first epoch, and the second from the cache.
 *
 * <pre>java ... ReadRates PATH FORMAT REQUESTS</pre>
 */
final class ReadRates {
  private static final int LATE_MILLISECONDS = 30;
  private static final int BATCH = 2048;
  private static final int SHARDS = 2;

  private ReadRates() {}

  public static void main(String[] arguments) throws Exception {
    Path data = new Path(java.nio.file.Path.of(arguments[0]).toRealPath().toUri());
    String format = arguments[1];
    int requests = Integer.parseInt(arguments[2]);
    System.out.printf(
        Locale.ROOT,
        "%-16s%10s%12s%12s%12s%10s%12s%n",
        "from",
        "requests",
        "images/s",
        "second",
        "cached/s",
        "bytes",
        "throttled");
    try (HdfsServer hdfs = new HdfsServer();
        S3Server s3 = new S3Server("2g");
        SlowProxy late = new SlowProxy(s3.port(), LATE_MILLISECONDS)) {
      measure("local disk", data.toString(), format, requests, new Configuration());
      Path onHdfs = copy(data, hdfs.newDirectory(), hdfs.configuration());
      measure("HDFS", onHdfs.toString(), format, requests, hdfs.configuration());
      Path onS3 = copy(data, s3.newDirectory(), s3.configuration());
      measure("S3", onS3.toString(), format, requests, s3.configuration());
      measure(
          "S3 30 ms late", onS3.toString(), format, requests, S3Server.configuration(late.port()));
    }
    System.exit(0);
  }

  private static Path copy(Path data, Path target, Configuration hadoop) throws Exception {
    FileSystem fileSystem = target.getFileSystem(hadoop);
    fileSystem.mkdirs(target.getParent());
    fileSystem.copyFromLocalFile(data, target);
    return target;
  }

  private static void measure(
      String from, String path, String format, int requests, Configuration hadoop)
      throws Exception {
    JavaSparkContext spark = LocalSpark.context();
    hadoop.forEach(entry -> spark.hadoopConfiguration().set(entry.getKey(), entry.getValue()));
    spark.hadoopConfiguration().setBoolean("fs.s3a.impl.disable.cache", true);
    java.nio.file.Path scratch = Files.createTempDirectory("read-rates");
    try {
      measure(from, path, format, requests, scratch);
    } finally {
      FileUtils.deleteDirectory(scratch.toFile());
    }
  }

  private static void measure(
      String from, String path, String format, int requests, java.nio.file.Path scratch)
      throws IOException {
    JavaSparkContext spark = LocalSpark.context();
    java.nio.file.Path cache = Files.createDirectory(scratch.resolve("cache"));
    Path index = new Path(Files.createDirectory(scratch.resolve("index")).toUri());
    double first = rate(dataset(spark, path, format, index, requests, null), 0, null);
    double second = rate(dataset(spark, path, format, index, requests, null), 1, null);
    Dataset cached = dataset(spark, path, format, index, requests, cache.toString());
    rate(cached, 2, null);
    double fromCache = rate(cached, 3, null);
    Dataset counted = dataset(spark, path, format, index, requests, null);
    ReadCounters all = new ReadCounters(spark);
    rate(counted, 1, all);
    Map<String, Long> values = all.values();
    System.out.printf(
        Locale.ROOT,
        "%-16s%10d%,12.0f%,12.0f%,12.0f%10.3f%12d%n",
        from,
        requests,
        first,
        second,
        fromCache,
        (double) values.get("bytes") / (values.get("images") * counted.bytes() / counted.count()),
        values.get("throttled"));
  }

  private static Dataset dataset(
      JavaSparkContext spark, String path, String format, Path index, int requests, String cache) {
    return ImageSources.open(
        spark,
        DatasetSpec.train(path, format),
        index,
        new ReadSettings(requests, cache, 1L << 40, DecodeLimits.DEFAULT));
  }

  private static double rate(Dataset images, int epoch, ReadCounters counters) {
    JavaSparkContext spark = LocalSpark.context();
    EpochPlan plan = new EpochPlan(images.count(), BATCH, SHARDS, 1, epoch);
    EpochShards shards = new EpochShards(spark, images, plan, counters);
    long start = System.nanoTime();
    long count = 0;
    for (int step = 0; step < plan.steps(); step++) {
      count += shards.step(step).count();
    }
    return count / ((System.nanoTime() - start) / 1e9);
  }
}
