package org.simclrspark.driver.evaluate;

import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Tuple2;

/**
 * One vector for each image of a dataset, in blocks on the executors.
 *
 * @param blocks of consecutive ids, in order, at most one a partition
 * @param count number of rows
 * @param size values in a row
 */
record Rows(JavaRDD<? extends RowBlock> blocks, long count, int size) implements AutoCloseable {

  /** Multiply-adds that a task is worth: some seconds. */
  private static final double PRODUCTS_IN_TASK = 5e11;

  /** Computes persisted blocks and counts their rows. */
  static Rows computed(JavaRDD<? extends RowBlock> blocks) {
    List<Tuple2<Integer, Integer>> shapes =
        blocks.map(block -> new Tuple2<>(block.count(), block.size())).collect();
    return new Rows(
        blocks,
        shapes.stream().mapToLong(Tuple2::_1).sum(),
        shapes.isEmpty() ? 0 : shapes.get(0)._2());
  }

  /**
   * The blocks in as few partitions as keep the cluster busy and tasks to some seconds. Which
   * blocks come together depends on where they lie.
   *
   * @param threads of a task
   * @param products that all blocks take, in multiply-adds
   */
  JavaRDD<? extends RowBlock> inTasks(JavaSparkContext spark, int threads, double products) {
    int slots = Math.max(1, spark.defaultParallelism() / threads);
    double tasks = Math.max(slots, Math.ceil(products / PRODUCTS_IN_TASK));
    return tasks < blocks.getNumPartitions() ? blocks.coalesce((int) tasks) : blocks;
  }

  /** Rows of each class. */
  long[] labelCounts(int classes) {
    return blocks.map(block -> counts(block, classes)).treeReduce(FixedPoint::add);
  }

  private static long[] counts(RowBlock block, int classes) {
    long[] counts = new long[classes];
    for (int row = 0; row < block.count(); row++) {
      counts[block.label(row)]++;
    }
    return counts;
  }

  /** Frees persisted blocks. */
  @Override
  public void close() {
    blocks.unpersist();
  }
}
