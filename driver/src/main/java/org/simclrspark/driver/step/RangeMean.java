package org.simclrspark.driver.step;

import java.io.Serializable;
import java.util.Iterator;
import org.simclrspark.worker.network.NormStatistics;
import org.simclrspark.worker.shard.RawFloats;
import org.simclrspark.worker.shard.ShardGradient;
import scala.Tuple2;

/**
 * The mean of a reducer's range.
 *
 * @param values the mean over shards
 * @param statistics pooled over the shards; empty but behind the last range
 * @param isFinite whether the mean holds neither NaN nor infinity
 * @param heldBytes of slices and sums, the most that the task held at a time
 */
record RangeMean(RawFloats values, RawFloats statistics, boolean isFinite, long heldBytes)
    implements Serializable {

  /**
   * Adds slices as they arrive, shard after shard, in double precision.
   *
   * @throws IllegalStateException unless all shards' slices arrive
   */
  static RangeMean of(
      int reducer,
      Iterator<Tuple2<Integer, Slice>> slices,
      Slicing slicing,
      ShardRows rows,
      int[] channels) {
    int from = slicing.from(reducer);
    double[] sum = new double[slicing.to(reducer) - from];
    int[] pooled = slicing.isLast(reducer) ? channels : new int[0];
    NormStatistics.Pool pool = new NormStatistics.Pool(pooled);
    long arrived = 0;
    int largest = 0;
    while (slices.hasNext()) {
      Slice slice = slices.next()._2();
      if (slice.offset() == slicing.length()) {
        pool.add(slice.values(), rows.of(slice.shard()));
      } else {
        add(slice.values(), sum, slice.offset() - from);
      }
      arrived += slice.length();
      largest = Math.max(largest, slice.length());
    }
    requireAll(reducer, arrived, rows.shards(), sum.length + NormStatistics.size(pooled));
    float[] mean = new float[sum.length];
    // Infinity times 0 is NaN, and NaN stays.
    double zero = 0;
    for (int i = 0; i < mean.length; i++) {
      zero += sum[i] * 0;
      mean[i] = (float) (sum[i] / rows.shards());
    }
    long held =
        (long) sum.length * Double.BYTES
            + (long) mean.length * Float.BYTES
            + (long) largest * Float.BYTES;
    return new RangeMean(new RawFloats(mean), new RawFloats(pool.values()), zero == 0, held);
  }

  /** What the slices of a single shard come to, with the same bits: a sum begins with 0. */
  static RangeMean ofSingle(ShardGradient shard, ShardRows rows, int[] channels) {
    float[] mean = new float[shard.gradient().length];
    float zero = 0;
    for (int i = 0; i < mean.length; i++) {
      mean[i] = 0 + shard.gradient()[i];
      zero += mean[i] * 0;
    }
    NormStatistics.Pool pool = new NormStatistics.Pool(channels);
    if (channels.length > 0) {
      pool.add(shard.statistics(), rows.of(0));
    }
    return new RangeMean(
        new RawFloats(mean),
        new RawFloats(pool.values()),
        zero == 0,
        (long) mean.length * Float.BYTES);
  }

  /** A file that ends between two slices looks whole to Spark. */
  private static void requireAll(int reducer, long arrived, int shards, int ofShard) {
    if (arrived != (long) shards * ofShard) {
      throw new IllegalStateException(
          "Reducer "
              + reducer
              + " must receive "
              + ofShard
              + " entries from each of "
              + shards
              + " shards, found "
              + arrived
              + " in all. "
              + SliceSerializer.REMEDY);
    }
  }

  private static void add(float[] values, double[] sum, int offset) {
    for (int i = 0; i < values.length; i++) {
      sum[offset + i] += values[i];
    }
  }
}
