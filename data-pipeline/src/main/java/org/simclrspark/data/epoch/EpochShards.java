package org.simclrspark.data.epoch;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.index.Dataset;
import org.simclrspark.data.index.ReadCounters;

/**
 * The images of an epoch in the order of its {@link EpochPlan}. Nothing is shuffled: a shard's task
 * works out the ids of its slots and reads these images from storage, and reading again is all that
 * recovery needs.
 */
public final class EpochShards {
  private final JavaSparkContext spark;
  private final Dataset dataset;
  private final EpochPlan plan;
  private final ReadCounters counters;

  /**
   * Reads nothing yet.
   *
   * @param counters add up what is read
   */
  public EpochShards(
      JavaSparkContext spark, Dataset dataset, EpochPlan plan, ReadCounters counters) {
    this.spark = spark;
    this.dataset = dataset;
    this.plan = plan;
    this.counters = counters;
  }

  /** The plan that these shards follow. */
  public EpochPlan plan() {
    return plan;
  }

  /**
   * The images of a step, [S partitions of K/S images]: partition = shard, order = slot.
   *
   * @param step from 0
   */
  public JavaRDD<ImageRecord> step(int step) {
    if (step < 0 || step >= plan.steps()) {
      throw new IllegalArgumentException(
          "A step must lie in 0 to " + (plan.steps() - 1) + ", found " + step);
    }
    EpochPlan ofEpoch = plan;
    Dataset images = dataset;
    ReadCounters count = counters;
    List<Integer> shards = IntStream.range(0, plan.shards()).boxed().toList();
    return PartitionRdd.of(
        spark.parallelize(shards, plan.shards()),
        (shard, none) -> images.reader().read(ofEpoch.ids(step, shard), count));
  }
}
