package org.simclrspark.driver.step;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.FutureAction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.unsafe.Platform;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.collection.Seq;
import scala.concurrent.duration.Duration;
import scala.runtime.AbstractFunction0;
import scala.runtime.AbstractFunction1;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;

/**
 * A Spark job over partitions of one element each, which come to the driver: {@code collectAsync},
 * less the time that Spark's cleaner of closures takes, which leaves a class with a name alone.
 *
 * @param <T> the elements
 */
public final class ShardJob<T> {

  private final FutureAction<List<T>> action;

  private ShardJob(FutureAction<List<T>> action) {
    this.action = action;
  }

  /** Starts a job; jobs that are started later come behind it. */
  @SuppressWarnings("unchecked")
  static <T> ShardJob<T> start(JavaRDD<T> elements) {
    T[] found = (T[]) new Object[elements.getNumPartitions()];
    Seq<Object> partitions =
        JavaConverters.asScalaBuffer(
            IntStream.range(0, found.length).<Object>mapToObj(i -> i).toList());
    return new ShardJob<>(
        elements
            .context()
            .submitJob(
                elements.rdd(),
                new Only<T>(),
                partitions,
                new AbstractFunction2<Object, T, BoxedUnit>() {
                  @Override
                  public BoxedUnit apply(Object partition, T element) {
                    found[(int) partition] = element;
                    return BoxedUnit.UNIT;
                  }
                },
                new AbstractFunction0<List<T>>() {
                  @Override
                  public List<T> apply() {
                    return Arrays.asList(found);
                  }
                }));
  }

  /** Runs a job; returns the elements in the order of their partitions. */
  public static <T> List<T> run(JavaRDD<T> elements) {
    return start(elements).result();
  }

  /**
   * Waits for the elements, in the order of their partitions. What a job fails with is thrown as it
   * is, though Spark, which is written in Scala, declares nothing. Where the thread is interrupted
   * the job is given up.
   */
  List<T> result() {
    try {
      return action.result(Duration.Inf(), null);
    } catch (InterruptedException e) {
      cancel();
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while a Spark job ran", e);
    } catch (Exception e) {
      Platform.throwException(e);
      throw new AssertionError("unreachable", e);
    }
  }

  /** Gives the job up. */
  void cancel() {
    action.cancel();
  }

  /** The element of a partition. */
  private static final class Only<T> extends AbstractFunction1<Iterator<T>, T>
      implements Serializable {

    private static final long serialVersionUID = 1;

    @Override
    public T apply(Iterator<T> partition) {
      return partition.next();
    }
  }
}
