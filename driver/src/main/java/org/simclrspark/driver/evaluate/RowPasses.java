package org.simclrspark.driver.evaluate;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.broadcast.Broadcast;

/**
 * Blocks of rows that something goes over again and again, where they lie; few rows come to the
 * driver, where a pass takes less than a job.
 */
final class RowPasses {

  /** Rows of at most so many bytes come to the driver. */
  static final long BYTES_ON_DRIVER = 32 << 20;

  /**
   * What is done with some of the blocks.
   *
   * @param <S> what it needs to know
   * @param <T> what it finds; of two that are merged the first may be overwritten
   */
  @FunctionalInterface
  interface Pass<S, T> extends Serializable {
    T over(Iterator<? extends RowBlock> blocks, S shared);
  }

  private final JavaSparkContext spark;

  /** Null where the rows are here. */
  private final JavaRDD<? extends RowBlock> tasks;

  private final List<RowBlock> here;

  private RowPasses(
      JavaSparkContext spark, JavaRDD<? extends RowBlock> tasks, List<RowBlock> here) {
    this.spark = spark;
    this.tasks = tasks;
    this.here = here;
  }

  /**
   * Prepares passes.
   *
   * @param threads of a task
   * @param products that a pass takes, in multiply-adds
   * @param bytesOnDriver of rows that come to the driver, at most
   */
  static RowPasses over(
      JavaSparkContext spark, Rows rows, int threads, double products, long bytesOnDriver) {
    boolean isFew = rows.count() * rows.size() * Float.BYTES <= bytesOnDriver;
    return isFew
        ? new RowPasses(spark, null, new ArrayList<>(rows.blocks().collect()))
        : new RowPasses(spark, rows.inTasks(spark, threads, products), List.of());
  }

  /**
   * Goes over all blocks, in an order and in portions that depend on the cluster.
   *
   * @param shared goes to every executor once
   * @param merge must not depend on the order
   */
  <S, T> T reduce(S shared, Pass<S, T> pass, Function2<T, T, T> merge) {
    if (tasks == null) {
      return pass.over(here.iterator(), shared);
    }
    Broadcast<S> everywhere = spark.broadcast(shared);
    try {
      return tasks
          .mapPartitions(blocks -> List.of(pass.over(blocks, everywhere.value())).iterator())
          .treeReduce(merge);
    } finally {
      everywhere.destroy();
    }
  }
}
