package org.simclrspark.loss;

import static org.simclrspark.loss.Embeddings.PANEL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Register-blocked matrix products of a tile, in the vector API.
 *
 * <p>Each call computes a block of {@link #ROWS} rows and {@link #COLUMNS} columns that stays in
 * registers. Every element is one chain of fused multiply-adds in the order of k, so its bits
 * depend on nothing but the two vectors it multiplies: not on the block, the tile, or the lanes of
 * the machine. A tile is row-major with rows {@link #TILE_STRIDE} floats apart.
 */
final class TileKernels {
  /** The widest vectors of this machine, at most 16 floats. */
  static final VectorSpecies<Float> SPECIES =
      FloatVector.SPECIES_PREFERRED.length() > 16
          ? FloatVector.SPECIES_512
          : FloatVector.SPECIES_PREFERRED;

  static final int LANES = SPECIES.length();

  /** Rows of a register block. */
  static final int ROWS = 8;

  /** Columns of a register block; divides a panel. */
  static final int COLUMNS = 2 * LANES;

  /** Rows, and columns, of a tile. */
  static final int TILE = 192;

  /**
   * Not a multiple of 64 floats, so that a column of a tile spreads over the sets of the L1 cache.
   */
  static final int TILE_STRIDE = TILE + 16;

  private TileKernels() {}

  /**
   * Inner products of 8 rows with a register block of columns, written to a tile.
   *
   * @param a row panels; its rows are {@code aOffset} to {@code aOffset + 7} of a panel
   * @param b row panels; the columns start at {@code bOffset} of a panel
   * @param depth dimensions to multiply, from the first
   */
  static void innerProducts(
      float[] a, int aOffset, float[] b, int bOffset, int depth, float[] tile, int tileOffset) {
    FloatVector c00 = FloatVector.zero(SPECIES);
    FloatVector c01 = FloatVector.zero(SPECIES);
    FloatVector c10 = FloatVector.zero(SPECIES);
    FloatVector c11 = FloatVector.zero(SPECIES);
    FloatVector c20 = FloatVector.zero(SPECIES);
    FloatVector c21 = FloatVector.zero(SPECIES);
    FloatVector c30 = FloatVector.zero(SPECIES);
    FloatVector c31 = FloatVector.zero(SPECIES);
    FloatVector c40 = FloatVector.zero(SPECIES);
    FloatVector c41 = FloatVector.zero(SPECIES);
    FloatVector c50 = FloatVector.zero(SPECIES);
    FloatVector c51 = FloatVector.zero(SPECIES);
    FloatVector c60 = FloatVector.zero(SPECIES);
    FloatVector c61 = FloatVector.zero(SPECIES);
    FloatVector c70 = FloatVector.zero(SPECIES);
    FloatVector c71 = FloatVector.zero(SPECIES);
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bOffset + k * PANEL);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bOffset + k * PANEL + LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aOffset + k * PANEL + 0]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[aOffset + k * PANEL + 1]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[aOffset + k * PANEL + 2]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[aOffset + k * PANEL + 3]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[aOffset + k * PANEL + 4]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[aOffset + k * PANEL + 5]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      FloatVector a6 = FloatVector.broadcast(SPECIES, a[aOffset + k * PANEL + 6]);
      c60 = a6.fma(b0, c60);
      c61 = a6.fma(b1, c61);
      FloatVector a7 = FloatVector.broadcast(SPECIES, a[aOffset + k * PANEL + 7]);
      c70 = a7.fma(b0, c70);
      c71 = a7.fma(b1, c71);
    }
    c00.intoArray(tile, tileOffset + 0 * TILE_STRIDE);
    c01.intoArray(tile, tileOffset + 0 * TILE_STRIDE + LANES);
    c10.intoArray(tile, tileOffset + 1 * TILE_STRIDE);
    c11.intoArray(tile, tileOffset + 1 * TILE_STRIDE + LANES);
    c20.intoArray(tile, tileOffset + 2 * TILE_STRIDE);
    c21.intoArray(tile, tileOffset + 2 * TILE_STRIDE + LANES);
    c30.intoArray(tile, tileOffset + 3 * TILE_STRIDE);
    c31.intoArray(tile, tileOffset + 3 * TILE_STRIDE + LANES);
    c40.intoArray(tile, tileOffset + 4 * TILE_STRIDE);
    c41.intoArray(tile, tileOffset + 4 * TILE_STRIDE + LANES);
    c50.intoArray(tile, tileOffset + 5 * TILE_STRIDE);
    c51.intoArray(tile, tileOffset + 5 * TILE_STRIDE + LANES);
    c60.intoArray(tile, tileOffset + 6 * TILE_STRIDE);
    c61.intoArray(tile, tileOffset + 6 * TILE_STRIDE + LANES);
    c70.intoArray(tile, tileOffset + 7 * TILE_STRIDE);
    c71.intoArray(tile, tileOffset + 7 * TILE_STRIDE + LANES);
  }

  /**
   * Adds to 8 rows of c the sum over k of a tile's rows times row k of b.
   *
   * @param b dimension panels; row k starts at {@code bOffset + k * PANEL}
   * @param depth rows of b
   * @param c dimension panels; row r starts at {@code cOffset + r * PANEL}
   */
  static void addProduct(
      float[] tile, int tileOffset, float[] b, int bOffset, int depth, float[] c, int cOffset) {
    FloatVector c00 = FloatVector.fromArray(SPECIES, c, cOffset + 0 * PANEL);
    FloatVector c01 = FloatVector.fromArray(SPECIES, c, cOffset + 0 * PANEL + LANES);
    FloatVector c10 = FloatVector.fromArray(SPECIES, c, cOffset + 1 * PANEL);
    FloatVector c11 = FloatVector.fromArray(SPECIES, c, cOffset + 1 * PANEL + LANES);
    FloatVector c20 = FloatVector.fromArray(SPECIES, c, cOffset + 2 * PANEL);
    FloatVector c21 = FloatVector.fromArray(SPECIES, c, cOffset + 2 * PANEL + LANES);
    FloatVector c30 = FloatVector.fromArray(SPECIES, c, cOffset + 3 * PANEL);
    FloatVector c31 = FloatVector.fromArray(SPECIES, c, cOffset + 3 * PANEL + LANES);
    FloatVector c40 = FloatVector.fromArray(SPECIES, c, cOffset + 4 * PANEL);
    FloatVector c41 = FloatVector.fromArray(SPECIES, c, cOffset + 4 * PANEL + LANES);
    FloatVector c50 = FloatVector.fromArray(SPECIES, c, cOffset + 5 * PANEL);
    FloatVector c51 = FloatVector.fromArray(SPECIES, c, cOffset + 5 * PANEL + LANES);
    FloatVector c60 = FloatVector.fromArray(SPECIES, c, cOffset + 6 * PANEL);
    FloatVector c61 = FloatVector.fromArray(SPECIES, c, cOffset + 6 * PANEL + LANES);
    FloatVector c70 = FloatVector.fromArray(SPECIES, c, cOffset + 7 * PANEL);
    FloatVector c71 = FloatVector.fromArray(SPECIES, c, cOffset + 7 * PANEL + LANES);
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bOffset + k * PANEL);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bOffset + k * PANEL + LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, tile[tileOffset + k]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, tile[tileOffset + 1 * TILE_STRIDE + k]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(SPECIES, tile[tileOffset + 2 * TILE_STRIDE + k]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(SPECIES, tile[tileOffset + 3 * TILE_STRIDE + k]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = FloatVector.broadcast(SPECIES, tile[tileOffset + 4 * TILE_STRIDE + k]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      FloatVector a5 = FloatVector.broadcast(SPECIES, tile[tileOffset + 5 * TILE_STRIDE + k]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      FloatVector a6 = FloatVector.broadcast(SPECIES, tile[tileOffset + 6 * TILE_STRIDE + k]);
      c60 = a6.fma(b0, c60);
      c61 = a6.fma(b1, c61);
      FloatVector a7 = FloatVector.broadcast(SPECIES, tile[tileOffset + 7 * TILE_STRIDE + k]);
      c70 = a7.fma(b0, c70);
      c71 = a7.fma(b1, c71);
    }
    c00.intoArray(c, cOffset + 0 * PANEL);
    c01.intoArray(c, cOffset + 0 * PANEL + LANES);
    c10.intoArray(c, cOffset + 1 * PANEL);
    c11.intoArray(c, cOffset + 1 * PANEL + LANES);
    c20.intoArray(c, cOffset + 2 * PANEL);
    c21.intoArray(c, cOffset + 2 * PANEL + LANES);
    c30.intoArray(c, cOffset + 3 * PANEL);
    c31.intoArray(c, cOffset + 3 * PANEL + LANES);
    c40.intoArray(c, cOffset + 4 * PANEL);
    c41.intoArray(c, cOffset + 4 * PANEL + LANES);
    c50.intoArray(c, cOffset + 5 * PANEL);
    c51.intoArray(c, cOffset + 5 * PANEL + LANES);
    c60.intoArray(c, cOffset + 6 * PANEL);
    c61.intoArray(c, cOffset + 6 * PANEL + LANES);
    c70.intoArray(c, cOffset + 7 * PANEL);
    c71.intoArray(c, cOffset + 7 * PANEL + LANES);
  }

  /**
   * Adds to 8 rows of c the sum over k of a tile's columns (the product with its transpose) times
   * row k of b.
   *
   * @param b dimension panels; row k starts at {@code bOffset + k * PANEL}
   * @param depth rows of b
   * @param c dimension panels; row r starts at {@code cOffset + r * PANEL}
   */
  static void addTransposedProduct(
      float[] tile, int tileOffset, float[] b, int bOffset, int depth, float[] c, int cOffset) {
    FloatVector c00 = FloatVector.fromArray(SPECIES, c, cOffset + 0 * PANEL);
    FloatVector c01 = FloatVector.fromArray(SPECIES, c, cOffset + 0 * PANEL + LANES);
    FloatVector c10 = FloatVector.fromArray(SPECIES, c, cOffset + 1 * PANEL);
    FloatVector c11 = FloatVector.fromArray(SPECIES, c, cOffset + 1 * PANEL + LANES);
    FloatVector c20 = FloatVector.fromArray(SPECIES, c, cOffset + 2 * PANEL);
    FloatVector c21 = FloatVector.fromArray(SPECIES, c, cOffset + 2 * PANEL + LANES);
    FloatVector c30 = FloatVector.fromArray(SPECIES, c, cOffset + 3 * PANEL);
    FloatVector c31 = FloatVector.fromArray(SPECIES, c, cOffset + 3 * PANEL + LANES);
    FloatVector c40 = FloatVector.fromArray(SPECIES, c, cOffset + 4 * PANEL);
    FloatVector c41 = FloatVector.fromArray(SPECIES, c, cOffset + 4 * PANEL + LANES);
    FloatVector c50 = FloatVector.fromArray(SPECIES, c, cOffset + 5 * PANEL);
    FloatVector c51 = FloatVector.fromArray(SPECIES, c, cOffset + 5 * PANEL + LANES);
    FloatVector c60 = FloatVector.fromArray(SPECIES, c, cOffset + 6 * PANEL);
    FloatVector c61 = FloatVector.fromArray(SPECIES, c, cOffset + 6 * PANEL + LANES);
    FloatVector c70 = FloatVector.fromArray(SPECIES, c, cOffset + 7 * PANEL);
    FloatVector c71 = FloatVector.fromArray(SPECIES, c, cOffset + 7 * PANEL + LANES);
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bOffset + k * PANEL);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bOffset + k * PANEL + LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, tile[tileOffset + k * TILE_STRIDE + 0]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, tile[tileOffset + k * TILE_STRIDE + 1]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(SPECIES, tile[tileOffset + k * TILE_STRIDE + 2]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(SPECIES, tile[tileOffset + k * TILE_STRIDE + 3]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = FloatVector.broadcast(SPECIES, tile[tileOffset + k * TILE_STRIDE + 4]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      FloatVector a5 = FloatVector.broadcast(SPECIES, tile[tileOffset + k * TILE_STRIDE + 5]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      FloatVector a6 = FloatVector.broadcast(SPECIES, tile[tileOffset + k * TILE_STRIDE + 6]);
      c60 = a6.fma(b0, c60);
      c61 = a6.fma(b1, c61);
      FloatVector a7 = FloatVector.broadcast(SPECIES, tile[tileOffset + k * TILE_STRIDE + 7]);
      c70 = a7.fma(b0, c70);
      c71 = a7.fma(b1, c71);
    }
    c00.intoArray(c, cOffset + 0 * PANEL);
    c01.intoArray(c, cOffset + 0 * PANEL + LANES);
    c10.intoArray(c, cOffset + 1 * PANEL);
    c11.intoArray(c, cOffset + 1 * PANEL + LANES);
    c20.intoArray(c, cOffset + 2 * PANEL);
    c21.intoArray(c, cOffset + 2 * PANEL + LANES);
    c30.intoArray(c, cOffset + 3 * PANEL);
    c31.intoArray(c, cOffset + 3 * PANEL + LANES);
    c40.intoArray(c, cOffset + 4 * PANEL);
    c41.intoArray(c, cOffset + 4 * PANEL + LANES);
    c50.intoArray(c, cOffset + 5 * PANEL);
    c51.intoArray(c, cOffset + 5 * PANEL + LANES);
    c60.intoArray(c, cOffset + 6 * PANEL);
    c61.intoArray(c, cOffset + 6 * PANEL + LANES);
    c70.intoArray(c, cOffset + 7 * PANEL);
    c71.intoArray(c, cOffset + 7 * PANEL + LANES);
  }
}
