package org.simclrspark.driver.evaluate;

import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import scala.Tuple2;

/**
 * One vector for each image of a dataset, in blocks on the executors.
 *
 * @param blocks of consecutive ids, in order, at most one a partition
 * @param count number of rows
 * @param size values in a row
 */
record Rows(JavaRDD<? extends RowBlock> blocks, long count, int size) implements AutoCloseable {

  /** Computes persisted blocks and counts their rows. */
  static Rows computed(JavaRDD<? extends RowBlock> blocks) {
    List<Tuple2<Integer, Integer>> shapes =
        blocks.map(block -> new Tuple2<>(block.count(), block.size())).collect();
    return new Rows(
        blocks,
        shapes.stream().mapToLong(Tuple2::_1).sum(),
        shapes.isEmpty() ? 0 : shapes.get(0)._2());
  }

  /** Frees persisted blocks. */
  @Override
  public void close() {
    blocks.unpersist();
  }
}
