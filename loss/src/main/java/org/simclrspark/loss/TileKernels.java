package org.simclrspark.loss;

import static org.simclrspark.loss.vector.BlockProduct.PANEL;
import static org.simclrspark.loss.vector.VectorTypes.FLOATS;
import static org.simclrspark.loss.vector.VectorTypes.FLOAT_CLASS;
import static org.simclrspark.loss.vector.VectorTypes.LANES;

import jdk.incubator.vector.FloatVector;
import org.simclrspark.loss.vector.BlockProduct;

/**
 * The products of a tile, a {@link BlockProduct} at a time. A tile is row-major with rows {@link
 * #TILE_STRIDE} floats apart.
 */
public final class TileKernels {
  /** Tiles begin at a multiple of this and have a multiple of this many rows. */
  static final int ROW_ALIGNMENT = 8;

  /** Rows, and columns, of a tile. */
  public static final int TILE = 192;

  /** From a row of a tile to the next. */
  static final int TILE_STRIDE = BlockProduct.STRIDE;

  private TileKernels() {}

  /**
   * Inner products of a block of rows with a block of columns, written to a tile.
   *
   * @param rows of the block, see {@link BlockProduct#rows}
   * @param a row panels; the rows start at {@code aOffset} of a panel
   * @param b row panels; the columns start at {@code bOffset} of a panel
   * @param depth dimensions to multiply, from the first
   */
  static void innerProducts(
      int rows,
      float[] a,
      int aOffset,
      float[] b,
      int bOffset,
      int depth,
      float[] tile,
      int tileOffset) {
    BlockProduct.ofColumns(
        rows, a, aOffset, PANEL, b, bOffset, depth, tile, tileOffset, TILE_STRIDE);
  }

  /**
   * Sums over k of rows of a tile, element k, times row k of b, written to a block.
   *
   * @param rows of the block, see {@link BlockProduct#rows}
   * @param b dimension panels; row k starts at {@code bOffset + k * PANEL}
   * @param depth rows of b
   * @param block receives rows PANEL apart from its offset
   */
  static void product(
      int rows,
      float[] tile,
      int tileOffset,
      float[] b,
      int bOffset,
      int depth,
      float[] block,
      int blockOffset) {
    BlockProduct.ofRows(rows, tile, tileOffset, b, bOffset, depth, block, blockOffset);
  }

  /** As {@link #product}, with columns of the tile instead of rows. */
  static void transposedProduct(
      int rows,
      float[] tile,
      int tileOffset,
      float[] b,
      int bOffset,
      int depth,
      float[] block,
      int blockOffset) {
    BlockProduct.ofColumns(
        rows, tile, tileOffset, TILE_STRIDE, b, bOffset, depth, block, blockOffset, PANEL);
  }

  /** Adds a block of rows of a panel to those that start at this offset. */
  static void addBlock(int rows, float[] block, float[] c, int cOffset) {
    for (int i = 0; i < rows * PANEL; i += 8 * LANES) {
      int to = cOffset + i;
      FloatVector c0 = FloatVector.fromArray(FLOATS, c, to);
      c0 = (FloatVector) FLOAT_CLASS.cast(c0.add(FloatVector.fromArray(FLOATS, block, i)));
      FloatVector c1 = FloatVector.fromArray(FLOATS, c, to + LANES);
      c1 = (FloatVector) FLOAT_CLASS.cast(c1.add(FloatVector.fromArray(FLOATS, block, i + LANES)));
      FloatVector c2 = FloatVector.fromArray(FLOATS, c, to + 2 * LANES);
      c2 =
          (FloatVector)
              FLOAT_CLASS.cast(c2.add(FloatVector.fromArray(FLOATS, block, i + 2 * LANES)));
      FloatVector c3 = FloatVector.fromArray(FLOATS, c, to + 3 * LANES);
      c3 =
          (FloatVector)
              FLOAT_CLASS.cast(c3.add(FloatVector.fromArray(FLOATS, block, i + 3 * LANES)));
      FloatVector c4 = FloatVector.fromArray(FLOATS, c, to + 4 * LANES);
      c4 =
          (FloatVector)
              FLOAT_CLASS.cast(c4.add(FloatVector.fromArray(FLOATS, block, i + 4 * LANES)));
      FloatVector c5 = FloatVector.fromArray(FLOATS, c, to + 5 * LANES);
      c5 =
          (FloatVector)
              FLOAT_CLASS.cast(c5.add(FloatVector.fromArray(FLOATS, block, i + 5 * LANES)));
      FloatVector c6 = FloatVector.fromArray(FLOATS, c, to + 6 * LANES);
      c6 =
          (FloatVector)
              FLOAT_CLASS.cast(c6.add(FloatVector.fromArray(FLOATS, block, i + 6 * LANES)));
      FloatVector c7 = FloatVector.fromArray(FLOATS, c, to + 7 * LANES);
      c7 =
          (FloatVector)
              FLOAT_CLASS.cast(c7.add(FloatVector.fromArray(FLOATS, block, i + 7 * LANES)));
      c0.intoArray(c, to);
      c1.intoArray(c, to + LANES);
      c2.intoArray(c, to + 2 * LANES);
      c3.intoArray(c, to + 3 * LANES);
      c4.intoArray(c, to + 4 * LANES);
      c5.intoArray(c, to + 5 * LANES);
      c6.intoArray(c, to + 6 * LANES);
      c7.intoArray(c, to + 7 * LANES);
    }
  }
}
