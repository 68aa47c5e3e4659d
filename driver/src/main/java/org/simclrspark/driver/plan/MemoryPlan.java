package org.simclrspark.driver.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.simclrspark.driver.cluster.DriverMemory;
import org.simclrspark.driver.cluster.ExecutorMemory;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.worker.engine.EngineKind;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.onednn.EngineHeap;

/**
 * Memory that a run needs, in bytes.
 *
 * @param driverHeap of the driver
 * @param executorHeap of each executor
 * @param executorNative of each executor, beside its heap
 * @param gpu of each card; 0 without
 */
public record MemoryPlan(long driverHeap, long executorHeap, long executorNative, long gpu) {

  private static final long EXECUTOR_BASE = 300L << 20;

  /** What a reducer holds of slices, and what is on its way to it. */
  private static final long REDUCER = 64L << 20;

  /** For a configuration on a cluster. */
  public static MemoryPlan of(SimclrConfig config, Workload load, ClusterShape cluster) {
    int tasks = cluster.slots(load.threads()) / cluster.executors();
    long parameters = 4L * load.parameters();
    long shardsHere =
        Math.max(tasks, (load.shards() + cluster.executors() - 1) / cluster.executors());
    int size = config.augment().settings().size();
    long views = shardsHere * 2L * (load.batch() / load.shards()) * 3 * size * size;
    long embeddings = load.rows() * (4L * load.dimension() + 8);
    long engine =
        onCpus(config.worker().engine(), cluster)
            ? EngineHeap.bytes(new Network(config.encoderSettings()), load.threads())
            : 0;
    // Parameters shared by all tasks, a gradient each; the views of this step and of the next.
    long heap =
        EXECUTOR_BASE
            + parameters
            + tasks * (2 * parameters + REDUCER + engine)
            + 2 * views
            + 2 * embeddings;
    SparkConf conf =
        new SparkConf(false).set("spark.executor.cores", Integer.toString(tasks * load.threads()));
    long beside = ExecutorMemory.beside(config, conf);
    long gpu = cluster.gpu().isPresent() ? config.worker().activationMemory() + 6 * parameters : 0;
    return new MemoryPlan(DriverMemory.bytes(config), heap, beside, gpu);
  }

  /** Whether tasks run the engine for CPUs, which keeps weights on the heap. */
  private static boolean onCpus(EngineKind kind, ClusterShape cluster) {
    return kind == EngineKind.ONEDNN || (kind == EngineKind.AUTO && cluster.gpu().isEmpty());
  }

  /**
   * What does not fit, a line each: rule, value found, remedy.
   *
   * @param executorMemory bytes of heap that executors are to have, if that is known
   * @param machineMemory bytes that an executor may take in all, if that is known
   */
  public List<String> problems(
      ClusterShape cluster, Optional<Long> executorMemory, Optional<Long> machineMemory) {
    List<String> problems = new ArrayList<>();
    executorMemory
        .filter(given -> given < executorHeap)
        .ifPresent(
            given ->
                problems.add(
                    "--executor-memory must be at least "
                        + Quantity.bytes(executorHeap)
                        + " for this configuration, found "
                        + Quantity.bytes(given)
                        + ". Raise it, or take more executors, so that each holds fewer shards."));
    machineMemory
        .filter(given -> given < executorHeap + executorNative)
        .ifPresent(
            given ->
                problems.add(
                    "--memory must hold an executor's heap and natives, "
                        + Quantity.bytes(executorHeap + executorNative)
                        + ", found "
                        + Quantity.bytes(given)
                        + ". Lower worker.activation-memory, or run fewer tasks an executor."));
    cluster
        .gpu()
        .filter(card -> card.memoryBytes() < gpu)
        .ifPresent(
            card ->
                problems.add(
                    "worker.activation-memory and the parameters must fit the card's "
                        + Quantity.bytes(card.memoryBytes())
                        + ", found "
                        + Quantity.bytes(gpu)
                        + ". Lower worker.activation-memory."));
    return problems;
  }
}
