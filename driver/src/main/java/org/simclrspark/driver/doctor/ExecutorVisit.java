package org.simclrspark.driver.doctor;

import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Runs a task on every executor that there is.
 *
 * @param machine what the executor tells of itself
 * @param probe what is wrong with reading the driver's file; empty if nothing is
 * @param images what is wrong with reading images; empty if nothing is
 * @param cache what is wrong with writing to {@code data.cache}; empty if nothing is
 * @param gpus addresses that Spark gave its task
 * @param sentMillis the driver's clock before the tasks, since 1970
 * @param backMillis the driver's clock after them
 */
record ExecutorVisit(
    MachineReport machine,
    String probe,
    String images,
    String cache,
    List<String> gpus,
    long sentMillis,
    long backMillis)
    implements Serializable {

  private static final int ROUNDS = 10;
  private static final long TASK_MILLISECONDS = 300;

  /** What a task reads, and where it writes. */
  record Files(SerializableConfiguration hadoop, String probe, String images, String cache)
      implements Serializable {}

  /**
   * Visits them.
   *
   * @param probe the driver's file
   * @param images of {@code data.train}
   * @param cache {@code data.cache}
   * @return one visit an executor, in the order of their ids
   */
  static List<ExecutorVisit> all(
      JavaSparkContext spark,
      Optional<Path> probe,
      Optional<String> images,
      Optional<String> cache) {
    Files files =
        new Files(
            new SerializableConfiguration(spark.hadoopConfiguration()),
            probe.map(Path::toString).orElse(""),
            images.orElse(""),
            cache.orElse(""));
    Map<String, ExecutorVisit> visits = new LinkedHashMap<>();
    for (int round = 0; round < ROUNDS && visits.size() < executors(spark); round++) {
      int tasks = Math.max(2, 4 * spark.defaultParallelism());
      long sent = System.currentTimeMillis();
      Map<String, ExecutorVisit> seen =
          new LinkedHashMap<>(
              spark
                  .parallelize(IntStream.range(0, tasks).boxed().toList(), tasks)
                  .mapToPair(task -> visit(files))
                  .reduceByKey((first, second) -> first, 1)
                  .sortByKey()
                  .collectAsMap());
      long back = System.currentTimeMillis();
      seen.forEach((id, visit) -> visits.putIfAbsent(id, visit.between(sent, back)));
    }
    return new ArrayList<>(visits.values());
  }

  /**
   * Whether any executor comes in time; embedded Spark needs none. A task waits for it, because
   * under dynamic allocation executors may come for tasks alone.
   */
  static boolean areThere(JavaSparkContext spark, Duration patience) {
    if (spark.isLocal()) {
      return true;
    }
    JavaFutureAction<Long> waiting = spark.parallelize(List.of(0), 1).countAsync();
    long deadline = System.nanoTime() + patience.toNanos();
    try {
      while (spark.sc().statusTracker().getExecutorInfos().length < 2) {
        if (System.nanoTime() > deadline) {
          waiting.cancel(true);
          return false;
        }
        Thread.sleep(TASK_MILLISECONDS);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Executors there are now; embedded Spark has none but the driver. */
  static int executors(JavaSparkContext spark) {
    return Math.max(1, spark.sc().statusTracker().getExecutorInfos().length - 1);
  }

  private ExecutorVisit between(long sent, long back) {
    return new ExecutorVisit(machine, probe, images, cache, gpus, sent, back);
  }

  private static scala.Tuple2<String, ExecutorVisit> visit(Files files)
      throws InterruptedException {
    String id = SparkEnv.get().executorId();
    MachineReport machine = MachineReport.here("executor " + id);
    String probe =
        files.probe().isEmpty()
            ? ""
            : StorageCheck.read(new Path(files.probe()), files.hadoop().value());
    String images =
        files.images().isEmpty()
            ? ""
            : StorageCheck.readFirst(new Path(files.images()), files.hadoop().value());
    String cache = files.cache().isEmpty() ? "" : StorageCheck.keep(files.cache());
    List<String> gpus =
        Optional.ofNullable(TaskContext.get().resourcesJMap().get("gpu"))
            .map(gpu -> List.of(gpu.addresses()))
            .orElse(List.of());
    // Long enough for every executor to get one.
    Thread.sleep(TASK_MILLISECONDS);
    return new scala.Tuple2<>(id, new ExecutorVisit(machine, probe, images, cache, gpus, 0, 0));
  }

  /**
   * How far the executor's clock is from the driver's, beyond what the duration of its tasks leaves
   * open, in milliseconds.
   */
  long clockSkewMillis() {
    long early = sentMillis - machine.clockMillis();
    long late = machine.clockMillis() - backMillis;
    return Math.max(0, Math.max(early, late));
  }
}
