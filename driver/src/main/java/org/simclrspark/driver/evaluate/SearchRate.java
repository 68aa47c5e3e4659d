package org.simclrspark.driver.evaluate;

import java.util.Random;
import org.simclrspark.worker.machine.Natives;
import org.simclrspark.worker.onednn.ProductTiles;
import org.simclrspark.worker.shard.RawFloats;

/** The search for nearest neighbours in one task, as something that can be timed. */
public final class SearchRate implements AutoCloseable {

  private static final int QUERIES = 1024;
  private static final int ROWS = 1024;
  private static final int BLOCKS = 12;
  private static final int SIZE = 128;
  private static final int NEIGHBOURS = 200;

  private final FeatureBlock[] blocks = new FeatureBlock[BLOCKS];
  private final ProductTiles products;

  /**
   * Makes random queries and rows.
   *
   * @param threads of the task
   */
  public SearchRate(int threads) {
    Random random = new Random(1);
    for (int i = 0; i < BLOCKS; i++) {
      blocks[i] = block(random, ROWS, i * ROWS);
    }
    products =
        new ProductTiles(
            new UnitRows(block(random, QUERIES, 0)), QUERIES, SIZE, threads, Natives::limitThread);
  }

  private static FeatureBlock block(Random random, int rows, int firstId) {
    long[] ids = new long[rows];
    float[] values = new float[rows * SIZE];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    for (int i = 0; i < rows; i++) {
      ids[i] = (long) firstId + i;
    }
    return new FeatureBlock(ids, new int[rows], new RawFloats(values), SIZE);
  }

  /** Similarities of a search. */
  public static long similarities() {
    return (long) QUERIES * ROWS * BLOCKS;
  }

  /** Floating-point operations of their products. */
  public static double operations() {
    return 2.0 * similarities() * SIZE;
  }

  /** Finds the neighbours of all queries. */
  public void search() {
    int tiles = QUERIES / ProductTiles.QUERIES;
    Neighbours[] nearest = new Neighbours[tiles];
    for (int tile = 0; tile < tiles; tile++) {
      nearest[tile] = new Neighbours(ProductTiles.QUERIES, NEIGHBOURS);
    }
    for (FeatureBlock block : blocks) {
      products.multiply(
          new UnitRows(block),
          ROWS,
          (tile, inTile, values, stride) -> {
            for (int query = 0; query < inTile; query++) {
              nearest[tile].offer(query, values, query * stride, block);
            }
          });
    }
  }

  @Override
  public void close() {
    products.close();
  }
}
