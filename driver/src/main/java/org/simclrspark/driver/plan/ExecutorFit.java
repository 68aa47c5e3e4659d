package org.simclrspark.driver.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.simclrspark.driver.cluster.ExecutorMemory;
import org.simclrspark.driver.config.SimclrConfig;

/** Whether executors as they are asked for can hold a run, before Spark starts them. */
public final class ExecutorFit {

  private static final String HEAP = "spark.executor.memory";
  private static final String HEAP_UNLESS_SET = "1g";
  private static final long MEBI = 1 << 20;

  /** Estimates are about right: what lacks less is not told. */
  private static final double TOLERANCE = 0.9;

  private ExecutorFit() {}

  /**
   * What executors lack, a line each: rule, value found, remedy. Nothing where Spark is embedded.
   *
   * @param spark settings as spark-submit gives them
   */
  public static List<String> lacks(SimclrConfig config, SparkConf spark) {
    List<String> lacks = new ArrayList<>();
    if (spark.get("spark.master", "local").startsWith("local")) {
      return lacks;
    }
    int threads = config.worker().threads();
    int cores = spark.getInt("spark.executor.cores", threads);
    // As many executors as shards: with fewer of them each needs more.
    ClusterShape cluster = new ClusterShape(config.train().shards(), cores, gpu(spark), 1, 1);
    long needed = MemoryPlan.of(config, Workload.of(config, 0), cluster).executorHeap();
    long heap = spark.getSizeAsBytes(HEAP, HEAP_UNLESS_SET);
    if (heap < TOLERANCE * needed) {
      lacks.add(
          String.format(
              Locale.ROOT,
              "%s should be about %d MiB or more for this configuration, found %d MiB. Give"
                  + " --executor-memory %dm.",
              HEAP,
              mebi(needed),
              mebi(heap),
              mebi(needed)));
    }
    long beside = ExecutorMemory.beside(config, spark);
    long overhead = ExecutorMemory.overhead(spark);
    if (overhead < TOLERANCE * beside) {
      lacks.add(
          String.format(
              Locale.ROOT,
              "spark.executor.memoryOverhead should be about %d MiB, for the tasks' activations and"
                  + " buffers, found %d MiB: the cluster may end executors. Give --conf"
                  + " spark.executor.memoryOverhead=%dm, or lower worker.activation-memory.",
              mebi(beside),
              mebi(overhead),
              mebi(beside)));
    }
    return lacks;
  }

  /** Some card where tasks get one: which does not matter to the heap. */
  private static Optional<Gpu> gpu(SparkConf spark) {
    return spark.getDouble("spark.task.resource.gpu.amount", 0) > 0
        ? Optional.of(Gpu.A100)
        : Optional.empty();
  }

  private static long mebi(long bytes) {
    return (bytes + MEBI - 1) / MEBI;
  }
}
