package org.simclrspark.driver.bench;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.ImageSources;
import org.simclrspark.data.decode.DecodeLimits;
import org.simclrspark.data.epoch.EpochPlan;
import org.simclrspark.data.epoch.EpochShards;
import org.simclrspark.data.index.Dataset;
import org.simclrspark.data.index.DatasetSpec;
import org.simclrspark.data.index.ReadCounters;
import org.simclrspark.data.index.ReadSettings;
import org.simclrspark.driver.cli.Benchmark;
import org.simclrspark.driver.cli.SparkContexts;
import org.simclrspark.driver.step.Phase;
import org.simclrspark.driver.step.PhaseClock;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import scala.Tuple2;

/** What it costs to bring every image of an epoch to its shard, and which order results. */
@Command(
    name = "epoch",
    description = "Reads whole epochs step by step, as training does, without the training.",
    sortOptions = false)
public final class BenchEpochCommand extends Benchmark {

  @Spec private CommandSpec spec;

  @Option(names = "--data", paramLabel = "PATH", required = true, description = "The images.")
  private String data;

  @Option(
      names = "--format",
      defaultValue = "auto",
      description = "Their format. Default: ${DEFAULT-VALUE}, found from the path.")
  private String format;

  @Option(
      names = "--batch",
      defaultValue = "512",
      description = "K, images in a step. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--shards",
      defaultValue = "8",
      description = "S, Spark tasks in a step; divides K. Default: ${DEFAULT-VALUE}.")
  private int shards;

  @Option(
      names = "--epochs",
      defaultValue = "3",
      description = "Epochs, which follow each other. Default: ${DEFAULT-VALUE}.")
  private int epochs;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Keys the order, with the epoch. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--index",
      paramLabel = "DIR",
      description =
          "Where the index of the images is kept, which all executors reach. Default: a new"
              + " temporary directory of this machine.")
  private String index;

  @Option(
      names = "--requests",
      defaultValue = "64",
      description = "Requests to storage at a time, as data.requests. Default: ${DEFAULT-VALUE}.")
  private int requests;

  @Option(
      names = "--cache",
      paramLabel = "DIR",
      description = "A directory for what was read, as data.cache. Default: none.")
  private String cache;

  @Option(
      names = "--cache-size",
      defaultValue = "100GiB",
      description = "What the cache may take. Default: ${DEFAULT-VALUE}.")
  private String cacheSize;

  private final TreeSet<String> executors = new TreeSet<>();

  @Override
  protected Map<String, Object> measure() throws IOException {
    ReadSettings reading = new ReadSettings(requests, cache, cacheBytes(), DecodeLimits.DEFAULT);
    Path directory =
        index != null
            ? new Path(index)
            : new Path(Files.createTempDirectory("simclr-index").toUri());
    try (JavaSparkContext spark = SparkContexts.start("simclr bench epoch", master(), 1);
        PhaseClock clock = new PhaseClock(spark)) {
      long start = System.nanoTime();
      Dataset images =
          ImageSources.open(spark, DatasetSpec.train(data, format), directory, reading);
      double indexSeconds = (System.nanoTime() - start) / 1e9;
      ReadCounters counters = new ReadCounters(spark);
      List<Map<String, Object>> measured = new ArrayList<>();
      System.out.printf(
          Locale.ROOT,
          "%5s%9s%10s%10s%16s%10s%10s%10s  %s%n",
          "epoch",
          "seconds",
          "images/s",
          "requests",
          "bytes read",
          "cached",
          "refused",
          "shuffled",
          "order");
      for (int epoch = 0; epoch < epochs; epoch++) {
        clock.restart("epoch " + epoch);
        EpochShards ofEpoch = new EpochShards(spark, images, plan(images.count(), epoch), counters);
        Map<String, Object> line = epoch(ofEpoch, clock);
        line.putAll(counters.sinceLastTime());
        line.put("bytes_shuffled", clock.bytes().get(Phase.SHARDS));
        measured.add(line);
        print(epoch, line);
      }
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("images", images.count());
      result.put("bytes", images.bytes());
      result.put("index_seconds", indexSeconds);
      result.put("batch", batch);
      result.put("shards", shards);
      result.put("requests_at_a_time", requests);
      result.put("executors", executors.size());
      result.put("epochs", measured);
      return result;
    }
  }

  private static void print(int epoch, Map<String, Object> line) {
    System.out.printf(
        Locale.ROOT,
        "%5d%9.2f%,10.0f%,10d%,16d%,10d%,10d%,10d  %.16s%n",
        epoch,
        (Double) line.get("seconds"),
        (Double) line.get("images_per_second"),
        (Long) line.get("requests"),
        (Long) line.get("bytes"),
        (Long) line.get("cached"),
        (Long) line.get("throttled"),
        (Long) line.get("bytes_shuffled"),
        (String) line.get("order_sha256"));
  }

  private long cacheBytes() {
    try {
      return ConfigFactory.parseMap(Map.of("size", cacheSize)).getMemorySize("size").toBytes();
    } catch (ConfigException e) {
      throw new ParameterException(
          spec.commandLine(),
          "--cache-size must be a size such as 512MiB or 2GiB, found " + cacheSize,
          e);
    }
  }

  private EpochPlan plan(long images, int epoch) {
    try {
      return new EpochPlan(images, batch, shards, seed, epoch);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage());
    }
  }

  private Map<String, Object> epoch(EpochShards ofEpoch, PhaseClock clock) {
    MessageDigest order = sha256();
    BitSet seen = new BitSet();
    long count = 0;
    long start = System.nanoTime();
    for (int step = 0; step < ofEpoch.plan().steps(); step++) {
      // Every image reaches its task whole; its id alone goes on to the driver.
      JavaRDD<Tuple2<long[], String>> ids =
          ofEpoch
              .step(step)
              .mapPartitions(
                  records ->
                      List.of(new Tuple2<>(ids(records), SparkEnv.get().executorId())).iterator());
      List<Tuple2<long[], String>> byShard = clock.timeJob(Phase.SHARDS, Phase.EMBED, ids::collect);
      for (Tuple2<long[], String> shard : byShard) {
        executors.add(shard._2());
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES * shard._1().length);
        for (long id : shard._1()) {
          bytes.putLong(id);
          seen.set(Math.toIntExact(id));
          count++;
        }
        order.update(bytes.array());
      }
    }
    Map<String, Object> result = new LinkedHashMap<>();
    double seconds = (System.nanoTime() - start) / 1e9;
    result.put("seconds", seconds);
    result.put("images_per_second", count / seconds);
    result.put("distinct_images", (long) seen.cardinality());
    result.put("order_sha256", HexFormat.of().formatHex(order.digest()));
    return result;
  }

  private static long[] ids(Iterator<ImageRecord> records) {
    LongStream.Builder ids = LongStream.builder();
    records.forEachRemaining(record -> ids.add(record.id()));
    return ids.build().toArray();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }
}
