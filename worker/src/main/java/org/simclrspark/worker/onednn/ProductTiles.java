package org.simclrspark.worker.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_sgemm;

import java.nio.FloatBuffer;
import org.bytedeco.javacpp.FloatPointer;
import org.simclrspark.worker.engine.Team;

/**
 * Products of every query with every row of a block, as oneDNN's matrix products.
 *
 * <p>Queries are taken {@value #QUERIES} at a time, by one thread each time, and both sides are
 * filled up to whole tiles with zeros. So the bits of a product depend on its two vectors alone:
 * not on their places, the number of threads, or what else is multiplied.
 */
public final class ProductTiles implements AutoCloseable {

  /** Queries in a tile. */
  public static final int QUERIES = 128;

  /** Rows are filled up to a multiple of this, which is one of every kernel's width. */
  private static final int ROWS = 96;

  /** Values of the vectors that are multiplied at a time: both sides' stay in the caches. */
  private static final int DEPTH = 512;

  /** Vectors by index; called by several threads. */
  @FunctionalInterface
  public interface Vectors {

    /** Fills the target, [size]. */
    void copy(int index, float[] target);
  }

  /** What is done with a tile's products; the tiles of one query come from one thread at a time. */
  @FunctionalInterface
  public interface Consumer {

    /**
     * Takes the products of some queries.
     *
     * @param tile which tile: its queries are {@code tile * QUERIES} and those that follow
     * @param queries in the tile, at most {@value #QUERIES}
     * @param products [queries, stride], row-major; valid during the call
     * @param stride distance of two queries' products; those of the block's rows come first
     */
    void accept(int tile, int queries, FloatBuffer products, int stride);
  }

  private final int size;
  private final int queryCount;
  private final Team team;
  private final Buffer queries;
  private final Buffer[] tiles;
  private Buffer rows = new Buffer(0);

  /**
   * Takes a copy of the queries.
   *
   * @param queries the vectors, of length {@code size}
   * @param count number of queries
   * @param threads that share a block, at least 1
   * @param prepareThread runs once on each of them, to limit native libraries to that thread
   */
  public ProductTiles(Vectors queries, int count, int size, int threads, Runnable prepareThread) {
    this.size = size;
    this.queryCount = count;
    this.team = new Team(threads, prepareThread);
    this.queries = new Buffer(bytes(wholeTiles(count)));
    this.tiles = new Buffer[threads];
    team.run(
        member -> {
          tiles[member] = new Buffer(0);
          copy(queries, member, count, this.queries);
        });
  }

  /** Multiplies all queries with the rows of a block, and hands every tile to the consumer. */
  public void multiply(Vectors block, int count, Consumer consumer) {
    int columns = (count + ROWS - 1) / ROWS * ROWS;
    if (rows.bytes() < bytes(columns)) {
      rows.close();
      rows = new Buffer(bytes(columns));
    }
    long tileBytes = (long) QUERIES * columns * Float.BYTES;
    team.run(
        member -> {
          copy(block, member, count, rows);
          clear(count, columns, member);
          team.meet();
          if (tiles[member].bytes() < tileBytes) {
            tiles[member].close();
            tiles[member] = new Buffer(tileBytes);
          }
          FloatPointer products = tiles[member].at(0);
          FloatBuffer view = tiles[member].view(0, tileBytes).asFloatBuffer();
          for (int tile = member; tile * QUERIES < queryCount; tile += team.size()) {
            multiply(tile, columns, products);
            int inTile = Math.min(QUERIES, queryCount - tile * QUERIES);
            consumer.accept(tile, inTile, view, columns);
          }
        });
  }

  private void multiply(int tile, int columns, FloatPointer products) {
    for (int from = 0; from < size; from += DEPTH) {
      OneDnn.check(
          dnnl_sgemm(
              (byte) 'N',
              (byte) 'T',
              QUERIES,
              columns,
              Math.min(DEPTH, size - from),
              1f,
              queries.at(bytes(tile * QUERIES) + (long) from * Float.BYTES),
              size,
              rows.at((long) from * Float.BYTES),
              size,
              from == 0 ? 0f : 1f,
              products,
              columns),
          "multiply matrices");
    }
  }

  /** Copies a member's share of the vectors. */
  private void copy(Vectors vectors, int member, int count, Buffer target) {
    float[] vector = new float[size];
    for (int i = member; i < count; i += team.size()) {
      vectors.copy(i, vector);
      target.view(bytes(i), bytes(1)).asFloatBuffer().put(vector);
    }
  }

  /** The filling behind the block's rows, where a larger block may have been. */
  private void clear(int from, int to, int member) {
    float[] zeros = new float[size];
    for (int i = from + member; i < to; i += team.size()) {
      rows.view(bytes(i), bytes(1)).asFloatBuffer().put(zeros);
    }
  }

  private long bytes(int vectors) {
    return (long) vectors * size * Float.BYTES;
  }

  private static int wholeTiles(int count) {
    return (count + QUERIES - 1) / QUERIES * QUERIES;
  }

  @Override
  public void close() {
    team.close();
    queries.close();
    rows.close();
    for (Buffer tile : tiles) {
      tile.close();
    }
  }
}
