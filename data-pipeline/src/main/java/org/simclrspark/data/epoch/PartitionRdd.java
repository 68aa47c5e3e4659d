package org.simclrspark.data.epoch;

import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.Partition;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import scala.collection.JavaConverters;
import scala.reflect.ClassTag;

/**
 * A dataset whose partitions are each a function of the same partition of another, as {@code
 * mapPartitionsWithIndex} makes it. That passes every function through Spark's cleaner of closures,
 * which finds nothing to clean in what Java captures and takes half a millisecond to look: several
 * milliseconds of every step.
 *
 * @param <T> elements of the other
 * @param <R> elements of this one
 */
public final class PartitionRdd<T, R> extends RDD<R> {

  private static final long serialVersionUID = 1;

  private final Work<T, R> work;

  /** What becomes of a partition. */
  @FunctionalInterface
  public interface Work<T, R> extends Serializable {

    /**
     * The elements of a partition.
     *
     * @param index of the partition
     * @param elements of the other dataset's
     */
    Iterator<R> of(int index, Iterator<T> elements);
  }

  /** What a partition becomes. */
  @FunctionalInterface
  public interface ToOne<T, R> extends Serializable {

    /**
     * The one element of a partition.
     *
     * @param index of the partition
     * @param elements of the other dataset's
     */
    R of(int index, Iterator<T> elements);
  }

  private PartitionRdd(RDD<T> other, Work<T, R> work) {
    super(other, tag());
    this.work = work;
  }

  /** Computes every partition from the same one of another dataset. */
  public static <T, R> JavaRDD<R> of(JavaRDD<T> other, Work<T, R> work) {
    return new PartitionRdd<>(other.rdd(), work).toJavaRDD();
  }

  /** As {@link #of}, where a partition becomes one element. */
  public static <T, R> JavaRDD<R> toOne(JavaRDD<T> other, ToOne<T, R> work) {
    return of(other, (index, elements) -> List.of(work.of(index, elements)).iterator());
  }

  @Override
  public Partition[] getPartitions() {
    return firstParent(PartitionRdd.<T>tag()).partitions();
  }

  @Override
  public scala.collection.Iterator<R> compute(Partition partition, TaskContext task) {
    Iterator<T> elements =
        JavaConverters.asJavaIterator(firstParent(PartitionRdd.<T>tag()).iterator(partition, task));
    return JavaConverters.asScalaIterator(work.of(partition.index(), elements));
  }

  /** Of Spark's: what it tells of its datasets it tells in the name of their class. */
  @Override
  public String logName() {
    return RDD.class.getName();
  }

  @SuppressWarnings("unchecked")
  private static <A> ClassTag<A> tag() {
    return (ClassTag<A>) ClassTag.apply(Object.class);
  }
}
