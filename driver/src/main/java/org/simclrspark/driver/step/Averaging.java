package org.simclrspark.driver.step;

import java.util.List;
import org.apache.spark.ContextCleaner;
import org.apache.spark.ShuffleDependency;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.simclrspark.data.epoch.PartitionRdd;
import org.simclrspark.worker.shard.ShardGradient;
import scala.Option;
import scala.Tuple2;

/**
 * The mean over shards of their gradients, and the pool of the batch-norm statistics behind them,
 * bitwise the same on every cluster.
 *
 * <p>Every vector is cut into slices; a slice travels as raw bytes through a shuffle to the task
 * that sums its range. That task adds slices as they arrive, which is in the order of the shards,
 * in double precision: it never holds one of every shard. The driver receives the mean alone. A
 * single shard's gradient is the mean, and goes there without a shuffle.
 */
final class Averaging {

  /** No shard. */
  static final int NONE = -1;

  private final ShardRows rows;
  private final Slicing slicing;
  private final int[] channels;

  /**
   * Prepares the averaging of a step.
   *
   * @param rows of the shards: they weigh the statistics
   * @param slicing of the gradients
   * @param channels of the batch norms
   */
  Averaging(ShardRows rows, Slicing slicing, int[] channels) {
    this.rows = rows;
    this.slicing = slicing;
    this.channels = channels;
  }

  /**
   * Runs the job.
   *
   * @param gradients one a partition; the partition's index is the shard
   * @param submitted called when the job is on its way: jobs submitted then come behind it
   */
  Mean mean(JavaRDD<ShardGradient> gradients, Runnable submitted) {
    return slicing.reducers() == 0
        ? meanWithoutShuffle(gradients, submitted)
        : meanByShuffle(gradients, submitted);
  }

  private Mean meanWithoutShuffle(JavaRDD<ShardGradient> gradients, Runnable submitted) {
    ShardRows r = rows;
    int[] c = channels;
    ShardJob<RangeMean> job =
        ShardJob.start(
            PartitionRdd.toOne(
                gradients, (shard, ofShard) -> RangeMean.ofSingle(ofShard.next(), r, c)));
    submitted.run();
    RangeMean mean = result(job).get(0);
    return new Mean(
        mean.values().values(),
        mean.statistics().values(),
        mean.isFinite() ? NONE : 0,
        mean.heldBytes());
  }

  private Mean meanByShuffle(JavaRDD<ShardGradient> gradients, Runnable submitted) {
    OrderedShuffle shuffle = shuffle(gradients);
    Slicing s = slicing;
    ShardRows r = rows;
    int[] c = channels;
    ShardJob<RangeMean> job =
        ShardJob.start(
            PartitionRdd.toOne(
                shuffle.toJavaRDD(), (reducer, slices) -> RangeMean.of(reducer, slices, s, r, c)));
    submitted.run();
    List<RangeMean> ranges = result(job);
    boolean isFinite = ranges.stream().allMatch(RangeMean::isFinite);
    int notFinite = isFinite ? NONE : firstNotFinite(shuffle);
    removeFiles(shuffle);
    return mean(ranges, notFinite);
  }

  private OrderedShuffle shuffle(JavaRDD<ShardGradient> gradients) {
    Slicing s = slicing;
    JavaPairRDD<Integer, Slice> cut =
        gradients
            .mapPartitionsWithIndex((shard, ofShard) -> s.cut(shard, ofShard.next()), true)
            .mapToPair(slice -> new Tuple2<>(slice.reducer(), slice));
    return new OrderedShuffle(cut.rdd(), slicing);
  }

  private Mean mean(List<RangeMean> ranges, int notFinite) {
    float[] gradient = new float[slicing.length()];
    for (int reducer = 0; reducer < slicing.reducers(); reducer++) {
      float[] values = ranges.get(reducer).values().values();
      System.arraycopy(values, 0, gradient, slicing.from(reducer), values.length);
    }
    return new Mean(
        gradient,
        ranges.get(ranges.size() - 1).statistics().values(),
        notFinite,
        ranges.stream().mapToLong(RangeMean::heldBytes).max().orElseThrow());
  }

  /** Looks through the slices once more; there is such a shard: finite floats have a finite sum. */
  private static int firstNotFinite(OrderedShuffle shuffle) {
    return shuffle
        .toJavaRDD()
        .map(Tuple2::_2)
        .filter(Averaging::isNotFinite)
        .map(Slice::shard)
        .fold(Integer.MAX_VALUE, Math::min);
  }

  private static boolean isNotFinite(Slice slice) {
    for (float value : slice.values()) {
      if (!Float.isFinite(value)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Removes the files of this one shuffle. {@code RDD.cleanShuffleDependencies} would go on to the
   * shuffles behind it, down to the nearest persisted RDD, and the step still needs those. Where a
   * cluster has switched the cleaner off ({@code spark.cleaner.referenceTracking}) they stay.
   */
  private static void removeFiles(OrderedShuffle shuffle) {
    ShuffleDependency<?, ?, ?> files = (ShuffleDependency<?, ?, ?>) shuffle.dependencies().head();
    Option<ContextCleaner> cleaner = shuffle.context().cleaner();
    if (cleaner.isDefined()) {
      cleaner.get().doCleanupShuffle(files.shuffleId(), false);
    }
  }

  private static List<RangeMean> result(ShardJob<RangeMean> job) {
    try {
      return job.result();
    } catch (Exception e) {
      throw new IllegalStateException(
          "The shards' gradients were not averaged: " + e.getMessage(), e);
    }
  }

  /**
   * What the job found.
   *
   * @param gradient the mean over shards
   * @param statistics batch-norm statistics of all shards' views
   * @param notFinite the first shard whose vector holds NaN or infinity, or {@link #NONE}
   * @param heldBytes of slices and sums, the most that one task held at a time
   */
  record Mean(float[] gradient, float[] statistics, int notFinite, long heldBytes) {}
}
