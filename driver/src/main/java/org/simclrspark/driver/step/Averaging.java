package org.simclrspark.driver.step;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.spark.ContextCleaner;
import org.apache.spark.Partitioner;
import org.apache.spark.ShuffleDependency;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import org.apache.spark.rdd.ShuffledRDD;
import org.simclrspark.worker.RawFloats;
import scala.Option;
import scala.Product2;
import scala.Tuple2;
import scala.reflect.ClassTag;

/**
 * The mean over shards of long vectors, bitwise the same on every cluster.
 *
 * <p>Every vector is cut into slices; a slice travels as raw bytes through a shuffle to the task
 * that owns it, which adds the shards' slices in the order of the shards and in double precision.
 * The driver receives the mean alone, never S vectors.
 */
final class Averaging {

  /** No shard. */
  static final int NONE = -1;

  private static final int SLICE_BYTES = 4 << 20;
  private static final int BLOCK = 8192;

  private Averaging() {}

  /**
   * Runs the job.
   *
   * @param vectors one a partition; the partition's index is the shard
   * @param shards S, the number of partitions
   * @param length of each vector
   * @param submitted called when the job is on its way: jobs submitted then come behind it
   * @return the mean, of the same length
   */
  static Mean mean(JavaRDD<float[]> vectors, int shards, int length, Runnable submitted) {
    int slices = slices(shards, length);
    JavaPairRDD<Integer, Slice> cut =
        vectors
            .mapPartitionsWithIndex((shard, vector) -> cut(shard, vector.next(), slices), true)
            .mapToPair(slice -> new Tuple2<>(slice.index(), slice));
    ShuffledRDD<Integer, Slice, Slice> owned = shuffle(cut.rdd(), slices);
    JavaFutureAction<List<SliceMean>> job =
        owned
            .toJavaRDD()
            .mapPartitions(parts -> Collections.singleton(mean(parts, shards)).iterator())
            .collectAsync();
    submitted.run();
    List<SliceMean> means = result(job);
    removeFiles(owned);
    float[] mean = new float[length];
    int offset = 0;
    int notFinite = NONE;
    for (SliceMean slice : means) {
      float[] values = slice.values().values();
      System.arraycopy(values, 0, mean, offset, values.length);
      offset += values.length;
      notFinite = Math.max(notFinite, slice.notFinite());
    }
    return new Mean(mean, notFinite);
  }

  private static ShuffledRDD<Integer, Slice, Slice> shuffle(
      RDD<Tuple2<Integer, Slice>> cut, int slices) {
    ClassTag<Integer> index = ClassTag.apply(Integer.class);
    ClassTag<Slice> slice = ClassTag.apply(Slice.class);
    RDD<? extends Product2<Integer, Slice>> pairs = cut;
    return new ShuffledRDD<>(pairs, new BySlice(slices), index, slice, slice)
        .setSerializer(new SliceSerializer());
  }

  /**
   * Removes the files of this one shuffle. {@code RDD.cleanShuffleDependencies} would go on to the
   * shuffles behind it, down to the nearest persisted RDD, and the step still needs those. Where a
   * cluster has switched the cleaner off ({@code spark.cleaner.referenceTracking}) they stay.
   */
  private static void removeFiles(ShuffledRDD<?, ?, ?> owned) {
    ShuffleDependency<?, ?, ?> shuffle = (ShuffleDependency<?, ?, ?>) owned.dependencies().head();
    Option<ContextCleaner> cleaner = owned.context().cleaner();
    if (cleaner.isDefined()) {
      cleaner.get().doCleanupShuffle(shuffle.shuffleId(), false);
    }
  }

  private static <T> T result(JavaFutureAction<T> job) {
    try {
      return job.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          "The shards' gradients were not averaged: " + e.getCause().getMessage(), e.getCause());
    } catch (InterruptedException e) {
      job.cancel(false);
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while averaging", e);
    }
  }

  /** As many as there are shards to sum them in parallel, fewer for short vectors. */
  private static int slices(int shards, int length) {
    long bytes = (long) length * Float.BYTES;
    return (int) Math.max(1, Math.min(shards, bytes / SLICE_BYTES));
  }

  private static Iterator<Slice> cut(int shard, float[] vector, int slices) {
    return IntStream.range(0, slices)
        .mapToObj(
            i -> {
              int from = (int) ((long) vector.length * i / slices);
              int to = (int) ((long) vector.length * (i + 1) / slices);
              return new Slice(i, shard, vector, from, to);
            })
        .iterator();
  }

  private static SliceMean mean(Iterator<Tuple2<Integer, Slice>> parts, int shards) {
    float[][] byShard = new float[shards][];
    while (parts.hasNext()) {
      Slice slice = parts.next()._2();
      byShard[slice.shard()] = slice.values();
    }
    // The mean takes the place of the first shard's values, block by block.
    float[] mean = byShard[0];
    double[] sum = new double[BLOCK];
    int notFinite = NONE;
    for (int from = 0; from < mean.length; from += BLOCK) {
      int count = Math.min(BLOCK, mean.length - from);
      Arrays.fill(sum, 0);
      for (int shard = 0; shard < shards; shard++) {
        float[] values = byShard[shard];
        for (int i = 0; i < count; i++) {
          sum[i] += values[from + i];
        }
      }
      if (notFinite == NONE && !isFinite(sum, count)) {
        notFinite = notFinite(byShard, from, count);
      }
      for (int i = 0; i < count; i++) {
        mean[from + i] = (float) (sum[i] / shards);
      }
    }
    return new SliceMean(new RawFloats(mean), notFinite);
  }

  /** Infinity times 0 is NaN, and NaN stays. */
  private static boolean isFinite(double[] values, int count) {
    double zero = 0;
    for (int i = 0; i < count; i++) {
      zero += values[i] * 0;
    }
    return zero == 0;
  }

  /** The first shard with NaN or infinity; there is one, since finite floats have a finite sum. */
  private static int notFinite(float[][] byShard, int from, int count) {
    return IntStream.range(0, byShard.length)
        .filter(
            shard ->
                IntStream.range(from, from + count)
                    .anyMatch(i -> !Float.isFinite(byShard[shard][i])))
        .findFirst()
        .orElseThrow();
  }

  /**
   * What the job found.
   *
   * @param values the mean over shards
   * @param notFinite a shard whose vector holds NaN or infinity, or {@link #NONE}
   */
  record Mean(float[] values, int notFinite) {}

  /** The mean of a slice. */
  private record SliceMean(RawFloats values, int notFinite) implements Serializable {}

  private static final class BySlice extends Partitioner {

    private static final long serialVersionUID = 1;

    private final int slices;

    BySlice(int slices) {
      this.slices = slices;
    }

    @Override
    public int numPartitions() {
      return slices;
    }

    @Override
    public int getPartition(Object key) {
      return (Integer) key;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof BySlice by && by.slices == slices;
    }

    @Override
    public int hashCode() {
      return slices;
    }
  }
}
