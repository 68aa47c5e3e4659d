package org.simclrspark.driver.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.simclrspark.driver.LocalSpark;
import org.simclrspark.worker.shard.RawFloats;

/**
 * A small table of vectors.
 *
 * @param values [count, size], row-major
 */
record Features(long[] ids, int[] labels, float[] values, int size) {

  int count() {
    return ids.length;
  }

  /** Spread over partitions. */
  Rows rows(int rowsInBlock) {
    List<RowBlock> blocks = new ArrayList<>();
    for (int from = 0; from < count(); from += rowsInBlock) {
      int to = Math.min(count(), from + rowsInBlock);
      blocks.add(
          new FeatureBlock(
              Arrays.copyOfRange(ids, from, to),
              Arrays.copyOfRange(labels, from, to),
              new RawFloats(Arrays.copyOfRange(values, from * size, to * size)),
              size));
    }
    return new Rows(
        LocalSpark.context().parallelize(blocks, Math.max(1, blocks.size())), count(), size);
  }

  /** What an extractor has left on the executors. */
  static Features of(Rows rows) {
    List<RowBlock> blocks = new ArrayList<>(rows.blocks().map(block -> (RowBlock) block).collect());
    int count = Math.toIntExact(rows.count());
    Features found =
        new Features(new long[count], new int[count], new float[count * rows.size()], rows.size());
    float[] row = new float[rows.size()];
    int at = 0;
    for (RowBlock block : blocks) {
      for (int i = 0; i < block.count(); i++, at++) {
        block.copy(i, row);
        found.ids[at] = block.id(i);
        found.labels[at] = block.label(i);
        System.arraycopy(row, 0, found.values, at * row.length, row.length);
      }
    }
    return found;
  }
}
