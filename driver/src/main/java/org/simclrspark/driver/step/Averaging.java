package org.simclrspark.driver.step;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
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
      RawFloats.fromBytes(slice.values(), mean, offset);
      offset += slice.values().length / Float.BYTES;
      notFinite = Math.max(notFinite, slice.notFinite());
    }
    return new Mean(mean, notFinite);
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

  /** One slice after the other, so that the next is cut when the one before is written. */
  private static Iterator<Slice> cut(int shard, float[] vector, int slices) {
    return IntStream.range(0, slices)
        .mapToObj(
            i -> {
              int from = (int) ((long) vector.length * i / slices);
              int to = (int) ((long) vector.length * (i + 1) / slices);
              return new Slice(i, shard, RawFloats.toBytes(vector, from, to - from));
            })
        .iterator();
  }

  private static SliceMean mean(Iterator<Tuple2<Integer, Slice>> parts, int shards) {
    FloatBuffer[] byShard = new FloatBuffer[shards];
    byte[] mean = null;
    while (parts.hasNext()) {
      Slice slice = parts.next()._2();
      byShard[slice.shard()] = floats(slice.values());
      // The first shard's bytes are read, block by block, before the mean takes their place.
      mean = slice.shard() == 0 ? slice.values() : mean;
    }
    FloatBuffer values = floats(mean);
    float[] block = new float[BLOCK];
    double[] sum = new double[BLOCK];
    int notFinite = NONE;
    for (int from = 0; from < values.capacity(); from += BLOCK) {
      int count = Math.min(BLOCK, values.capacity() - from);
      Arrays.fill(sum, 0);
      for (int shard = 0; shard < shards; shard++) {
        byShard[shard].get(from, block, 0, count);
        for (int i = 0; i < count; i++) {
          sum[i] += block[i];
        }
        if (notFinite == NONE && !isFinite(block, count)) {
          notFinite = shard;
        }
      }
      for (int i = 0; i < count; i++) {
        block[i] = (float) (sum[i] / shards);
      }
      values.put(from, block, 0, count);
    }
    return new SliceMean(mean, notFinite);
  }

  private static FloatBuffer floats(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
  }

  /** Infinity times 0 is NaN, and NaN stays. */
  private static boolean isFinite(float[] values, int count) {
    float zero = 0;
    for (int i = 0; i < count; i++) {
      zero += values[i] * 0;
    }
    return zero == 0;
  }

  /**
   * What the job found.
   *
   * @param values the mean over shards
   * @param notFinite a shard whose vector holds NaN or infinity, or {@link #NONE}
   */
  record Mean(float[] values, int notFinite) {}

  /**
   * The mean of a slice.
   *
   * @param values little-endian floats
   */
  private record SliceMean(byte[] values, int notFinite) implements Serializable {}

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
