package org.simclrspark.driver.step;

import java.io.Serializable;
import java.util.Iterator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.simclrspark.worker.shard.ShardGradient;

/**
 * How gradients are cut for averaging: into equal ranges, one a reducer, and these into slices of
 * at most 1 MiB. The batch-norm statistics come as one slice behind the last range.
 *
 * @param length of the gradient
 * @param reducers tasks that sum ranges; 0 where there is nothing to sum and the only shard's task
 *     sends its gradient to the driver itself
 */
public record Slicing(int length, int reducers) implements Serializable {

  static final int SLICE = (1 << 20) / Float.BYTES;

  /** A reducer's sums are in double precision: 28 MiB. */
  private static final int SLICES_PER_REDUCER = 14;

  /** The longest gradient that is sent as one result, 64 MiB: Spark copies a result twice. */
  private static final int LONGEST_RESULT = 1 << 24;

  /**
   * As many reducers as tasks run at a time, or a multiple where their memory asks for more, and
   * fewer for short vectors. The result does not depend on it.
   *
   * @param shards that gradients come from
   * @param slots tasks that run at a time
   */
  public static Slicing of(int length, int shards, int slots) {
    if (shards == 1 && length <= LONGEST_RESULT) {
      return new Slicing(length, 0);
    }
    int slices = Math.max(1, (int) (((long) length + SLICE - 1) / SLICE));
    int waves = Math.max(1, (int) Math.ceil((double) slices / SLICES_PER_REDUCER / slots));
    return new Slicing(length, (int) Math.min(slices, (long) waves * Math.max(1, slots)));
  }

  /** First entry of a reducer's range. */
  int from(int reducer) {
    return (int) ((long) length * reducer / reducers);
  }

  /** The entry behind a reducer's range. */
  int to(int reducer) {
    return from(reducer + 1);
  }

  boolean isLast(int reducer) {
    return reducer == reducers - 1;
  }

  /** The slices of a shard, in order. */
  Iterator<Slice> cut(int shard, ShardGradient vector) {
    Stream<Slice> gradient =
        IntStream.range(0, reducers).boxed().flatMap(reducer -> cut(shard, reducer, vector));
    float[] statistics = vector.statistics();
    Slice behind = new Slice(reducers - 1, shard, length, statistics, 0, statistics.length);
    return Stream.concat(gradient, statistics.length == 0 ? Stream.of() : Stream.of(behind))
        .iterator();
  }

  private Stream<Slice> cut(int shard, int reducer, ShardGradient vector) {
    int from = from(reducer);
    int to = to(reducer);
    return IntStream.range(0, (to - from + SLICE - 1) / SLICE)
        .mapToObj(
            i -> {
              int start = from + i * SLICE;
              int end = Math.min(to, start + SLICE);
              return new Slice(reducer, shard, start, vector.gradient(), start, end);
            });
  }
}
