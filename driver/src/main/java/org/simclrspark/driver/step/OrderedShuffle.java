package org.simclrspark.driver.step;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.Partition;
import org.apache.spark.Partitioner;
import org.apache.spark.ShuffleDependency;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.executor.TempShuffleReadMetrics;
import org.apache.spark.rdd.RDD;
import org.apache.spark.rdd.ShuffledRDD;
import scala.Product2;
import scala.Tuple2;
import scala.collection.JavaConverters;
import scala.reflect.ClassTag;

/**
 * A shuffle of slices that is read in the order of the shards. Spark's own read takes blocks as
 * they come, so that whoever needs an order has to hold them all; this one asks for a few shards'
 * blocks ahead and hands out slice after slice.
 */
final class OrderedShuffle extends ShuffledRDD<Integer, Slice, Slice> {

  private static final long serialVersionUID = 1;

  /** Bytes that a task asks for ahead of what it reads. */
  static final int AHEAD_BYTES = 16 << 20;

  private static final ClassTag<Integer> INDEX = ClassTag.apply(Integer.class);
  private static final ClassTag<Slice> SLICE = ClassTag.apply(Slice.class);

  private final int shards;
  private final int ahead;

  /**
   * Shuffles slices to their reducers.
   *
   * @param cut slices by reducer; the partition's index is the shard
   * @param slicing how they were cut
   */
  OrderedShuffle(RDD<? extends Product2<Integer, Slice>> cut, Slicing slicing) {
    super(cut, new ByReducer(slicing.reducers()), INDEX, SLICE, SLICE);
    this.shards = cut.getNumPartitions();
    this.ahead = blocksAhead(slicing);
    setSerializer(new SliceSerializer());
  }

  /** Blocks of shards that a task has asked for at a time, that which it reads included. */
  static int blocksAhead(Slicing slicing) {
    long block = Math.max(1, (long) slicing.to(0) * Float.BYTES);
    return (int) Math.max(1, Math.min(16, AHEAD_BYTES / block));
  }

  @Override
  public scala.collection.Iterator<Tuple2<Integer, Slice>> compute(
      Partition reducer, TaskContext task) {
    return JavaConverters.asScalaIterator(new InOrder(reducer.index(), task));
  }

  /** Shard after shard. */
  private final class InOrder implements Iterator<Tuple2<Integer, Slice>> {

    private final ShuffleDependency<?, ?, ?> shuffle =
        (ShuffleDependency<?, ?, ?>) dependencies().head();
    private final int reducer;
    private final TaskContext task;
    private final TempShuffleReadMetrics metrics;
    private final Deque<scala.collection.Iterator<Product2<Integer, Slice>>> asked =
        new ArrayDeque<>();
    private int next;

    InOrder(int reducer, TaskContext task) {
      this.reducer = reducer;
      this.task = task;
      this.metrics = task.taskMetrics().createTempShuffleReadMetrics();
    }

    @Override
    public boolean hasNext() {
      while (true) {
        while (next < shards && asked.size() < ahead) {
          asked.add(ask(next++));
        }
        if (asked.isEmpty()) {
          return false;
        }
        if (asked.peek().hasNext()) {
          return true;
        }
        asked.remove();
      }
    }

    private scala.collection.Iterator<Product2<Integer, Slice>> ask(int shard) {
      return SparkEnv.get()
          .shuffleManager()
          .<Integer, Slice>getReader(
              shuffle.shuffleHandle(), shard, shard + 1, reducer, reducer + 1, task, metrics)
          .read();
    }

    @Override
    public Tuple2<Integer, Slice> next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      Product2<Integer, Slice> slice = asked.element().next();
      return new Tuple2<>(slice._1(), slice._2());
    }
  }

  private static final class ByReducer extends Partitioner {

    private static final long serialVersionUID = 1;

    private final int reducers;

    ByReducer(int reducers) {
      this.reducers = reducers;
    }

    @Override
    public int numPartitions() {
      return reducers;
    }

    @Override
    public int getPartition(Object key) {
      return (Integer) key;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof ByReducer by && by.reducers == reducers;
    }

    @Override
    public int hashCode() {
      return reducers;
    }
  }
}
