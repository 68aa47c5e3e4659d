package org.simclrspark.driver.step;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.simclrspark.worker.RawFloats;
import scala.Tuple2;

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
    JavaPairRDD<Integer, Slice> owned = cut.partitionBy(new BySlice(slices));
    JavaFutureAction<List<SliceMean>> job =
        owned
            .mapPartitions(parts -> Collections.singleton(mean(parts, shards)).iterator())
            .collectAsync();
    submitted.run();
    List<SliceMean> means = result(job);
    owned.rdd().cleanShuffleDependencies(false);
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

  private static <T> T result(JavaFutureAction<T> job) {
    try {
      return job.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("The shards' gradients were not averaged", e.getCause());
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
    List<Slice> cut = new ArrayList<>(slices);
    for (int i = 0; i < slices; i++) {
      int from = (int) ((long) vector.length * i / slices);
      int to = (int) ((long) vector.length * (i + 1) / slices);
      cut.add(new Slice(i, shard, RawFloats.toBytes(vector, from, to - from)));
    }
    return cut.iterator();
  }

  private static SliceMean mean(Iterator<Tuple2<Integer, Slice>> parts, int shards) {
    byte[][] byShard = new byte[shards][];
    while (parts.hasNext()) {
      Slice slice = parts.next()._2();
      byShard[slice.shard()] = slice.values();
    }
    int length = byShard[0].length / Float.BYTES;
    double[] sum = new double[length];
    float[] values = new float[length];
    for (byte[] part : byShard) {
      RawFloats.fromBytes(part, values, 0);
      for (int i = 0; i < length; i++) {
        sum[i] += values[i];
      }
    }
    for (int i = 0; i < length; i++) {
      values[i] = (float) (sum[i] / shards);
    }
    int notFinite = isFinite(values) ? NONE : firstNotFinite(byShard, new float[length]);
    return new SliceMean(new RawFloats(values), notFinite);
  }

  private static int firstNotFinite(byte[][] byShard, float[] values) {
    for (int shard = 0; shard < byShard.length; shard++) {
      RawFloats.fromBytes(byShard[shard], values, 0);
      if (!isFinite(values)) {
        return shard;
      }
    }
    return NONE;
  }

  private static boolean isFinite(float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  /**
   * What the job found.
   *
   * @param values the mean over shards
   * @param notFinite a shard whose vector holds NaN or infinity, or {@link #NONE}
   */
  record Mean(float[] values, int notFinite) {}

  private record SliceMean(RawFloats values, int notFinite) implements Serializable {}

  /**
   * A part of one shard's vector.
   *
   * @param index which part
   * @param shard whose
   * @param values little-endian floats
   */
  private record Slice(int index, int shard, byte[] values) implements Serializable {}

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
