package org.simclrspark.driver.bench;

import java.nio.ByteBuffer;
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
import org.simclrspark.data.epoch.EpochPlan;
import org.simclrspark.data.epoch.EpochShards;
import org.simclrspark.data.index.Dataset;
import org.simclrspark.data.index.DatasetSpec;
import org.simclrspark.data.index.ReadSettings;
import org.simclrspark.driver.cli.Benchmark;
import org.simclrspark.driver.cli.SparkContexts;
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

  private static final String SHUFFLE = "shuffle";

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
      required = true,
      description = "Where the index of the images is kept, which all executors reach.")
  private String index;

  private final TreeSet<String> executors = new TreeSet<>();

  @Override
  protected Map<String, Object> measure() {
    try (JavaSparkContext spark = SparkContexts.start("simclr bench epoch", master(), 1);
        PhaseClock clock = new PhaseClock(spark)) {
      Path directory = new Path(index);
      Dataset records =
          ImageSources.open(
              spark, DatasetSpec.train(data, format), directory, ReadSettings.DEFAULT);
      long images = records.count();
      List<Map<String, Object>> measured = new ArrayList<>();
      System.out.printf(
          Locale.ROOT, "%5s%10s%16s%10s  %s%n", "epoch", "seconds", "bytes", "images", "order");
      for (int epoch = 0; epoch < epochs; epoch++) {
        clock.restart();
        Map<String, Object> ofEpoch = epoch(spark, records, plan(images, epoch), clock);
        ofEpoch.put("bytes_shuffled", clock.bytes().get(SHUFFLE));
        measured.add(ofEpoch);
        System.out.printf(
            Locale.ROOT,
            "%5d%10.2f%,16d%,10d  %.16s%n",
            epoch,
            (Double) ofEpoch.get("seconds"),
            (Long) ofEpoch.get("bytes_shuffled"),
            (Long) ofEpoch.get("images"),
            (String) ofEpoch.get("order_sha256"));
      }
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("images", images);
      result.put("batch", batch);
      result.put("shards", shards);
      result.put("executors", executors.size());
      result.put("epochs", measured);
      return result;
    }
  }

  private EpochPlan plan(long images, int epoch) {
    try {
      return new EpochPlan(images, batch, shards, seed, epoch);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage());
    }
  }

  private Map<String, Object> epoch(
      JavaSparkContext spark, Dataset images, EpochPlan plan, PhaseClock clock) {
    MessageDigest order = sha256();
    BitSet seen = new BitSet();
    long count = 0;
    long start = System.nanoTime();
    EpochShards ofEpoch = new EpochShards(spark, images, plan);
    for (int step = 0; step < plan.steps(); step++) {
      // Every image reaches its task whole; its id alone goes on to the driver.
      JavaRDD<Tuple2<long[], String>> ids =
          ofEpoch
              .step(step)
              .mapPartitions(
                  records ->
                      List.of(new Tuple2<>(ids(records), SparkEnv.get().executorId())).iterator());
      List<Tuple2<long[], String>> byShard = clock.timeJob(SHUFFLE, "read", ids::collect);
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
    result.put("seconds", (System.nanoTime() - start) / 1e9);
    result.put("images", count);
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
