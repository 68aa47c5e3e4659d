package org.simclrspark.loss;

import static org.simclrspark.loss.Embeddings.PANEL;
import static org.simclrspark.loss.TileKernels.TILE_STRIDE;
import static org.simclrspark.loss.VectorTypes.FLOATS;
import static org.simclrspark.loss.VectorTypes.FLOAT_CLASS;
import static org.simclrspark.loss.VectorTypes.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * The products of {@link TileKernels} with 8 rows: 20 vectors, for CPUs with 32 vector registers.
 */
final class WideKernels {
  private WideKernels() {}

  /** As {@link TileKernels#innerProducts}. */
  static void innerProducts(
      float[] a, int aOffset, float[] b, int bOffset, int depth, float[] tile, int tileOffset) {
    FloatVector c00 = FloatVector.zero(FLOATS);
    FloatVector c01 = FloatVector.zero(FLOATS);
    FloatVector c10 = FloatVector.zero(FLOATS);
    FloatVector c11 = FloatVector.zero(FLOATS);
    FloatVector c20 = FloatVector.zero(FLOATS);
    FloatVector c21 = FloatVector.zero(FLOATS);
    FloatVector c30 = FloatVector.zero(FLOATS);
    FloatVector c31 = FloatVector.zero(FLOATS);
    FloatVector c40 = FloatVector.zero(FLOATS);
    FloatVector c41 = FloatVector.zero(FLOATS);
    FloatVector c50 = FloatVector.zero(FLOATS);
    FloatVector c51 = FloatVector.zero(FLOATS);
    FloatVector c60 = FloatVector.zero(FLOATS);
    FloatVector c61 = FloatVector.zero(FLOATS);
    FloatVector c70 = FloatVector.zero(FLOATS);
    FloatVector c71 = FloatVector.zero(FLOATS);
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = FloatVector.fromArray(FLOATS, b, bOffset + k * PANEL);
      FloatVector b1 = FloatVector.fromArray(FLOATS, b, bOffset + k * PANEL + LANES);
      FloatVector a0 = FloatVector.broadcast(FLOATS, a[aOffset + k * PANEL]);
      c00 = (FloatVector) FLOAT_CLASS.cast(a0.fma(b0, (FloatVector) FLOAT_CLASS.cast(c00)));
      c01 = (FloatVector) FLOAT_CLASS.cast(a0.fma(b1, (FloatVector) FLOAT_CLASS.cast(c01)));
      FloatVector a1 = FloatVector.broadcast(FLOATS, a[aOffset + k * PANEL + 1]);
      c10 = (FloatVector) FLOAT_CLASS.cast(a1.fma(b0, (FloatVector) FLOAT_CLASS.cast(c10)));
      c11 = (FloatVector) FLOAT_CLASS.cast(a1.fma(b1, (FloatVector) FLOAT_CLASS.cast(c11)));
      FloatVector a2 = FloatVector.broadcast(FLOATS, a[aOffset + k * PANEL + 2]);
      c20 = (FloatVector) FLOAT_CLASS.cast(a2.fma(b0, (FloatVector) FLOAT_CLASS.cast(c20)));
      c21 = (FloatVector) FLOAT_CLASS.cast(a2.fma(b1, (FloatVector) FLOAT_CLASS.cast(c21)));
      FloatVector a3 = FloatVector.broadcast(FLOATS, a[aOffset + k * PANEL + 3]);
      c30 = (FloatVector) FLOAT_CLASS.cast(a3.fma(b0, (FloatVector) FLOAT_CLASS.cast(c30)));
      c31 = (FloatVector) FLOAT_CLASS.cast(a3.fma(b1, (FloatVector) FLOAT_CLASS.cast(c31)));
      FloatVector a4 = FloatVector.broadcast(FLOATS, a[aOffset + k * PANEL + 4]);
      c40 = (FloatVector) FLOAT_CLASS.cast(a4.fma(b0, (FloatVector) FLOAT_CLASS.cast(c40)));
      c41 = (FloatVector) FLOAT_CLASS.cast(a4.fma(b1, (FloatVector) FLOAT_CLASS.cast(c41)));
      FloatVector a5 = FloatVector.broadcast(FLOATS, a[aOffset + k * PANEL + 5]);
      c50 = (FloatVector) FLOAT_CLASS.cast(a5.fma(b0, (FloatVector) FLOAT_CLASS.cast(c50)));
      c51 = (FloatVector) FLOAT_CLASS.cast(a5.fma(b1, (FloatVector) FLOAT_CLASS.cast(c51)));
      FloatVector a6 = FloatVector.broadcast(FLOATS, a[aOffset + k * PANEL + 6]);
      c60 = (FloatVector) FLOAT_CLASS.cast(a6.fma(b0, (FloatVector) FLOAT_CLASS.cast(c60)));
      c61 = (FloatVector) FLOAT_CLASS.cast(a6.fma(b1, (FloatVector) FLOAT_CLASS.cast(c61)));
      FloatVector a7 = FloatVector.broadcast(FLOATS, a[aOffset + k * PANEL + 7]);
      c70 = (FloatVector) FLOAT_CLASS.cast(a7.fma(b0, (FloatVector) FLOAT_CLASS.cast(c70)));
      c71 = (FloatVector) FLOAT_CLASS.cast(a7.fma(b1, (FloatVector) FLOAT_CLASS.cast(c71)));
    }
    ((FloatVector) FLOAT_CLASS.cast(c00)).intoArray(tile, tileOffset);
    ((FloatVector) FLOAT_CLASS.cast(c01)).intoArray(tile, tileOffset + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c10)).intoArray(tile, tileOffset + TILE_STRIDE);
    ((FloatVector) FLOAT_CLASS.cast(c11)).intoArray(tile, tileOffset + TILE_STRIDE + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c20)).intoArray(tile, tileOffset + 2 * TILE_STRIDE);
    ((FloatVector) FLOAT_CLASS.cast(c21)).intoArray(tile, tileOffset + 2 * TILE_STRIDE + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c30)).intoArray(tile, tileOffset + 3 * TILE_STRIDE);
    ((FloatVector) FLOAT_CLASS.cast(c31)).intoArray(tile, tileOffset + 3 * TILE_STRIDE + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c40)).intoArray(tile, tileOffset + 4 * TILE_STRIDE);
    ((FloatVector) FLOAT_CLASS.cast(c41)).intoArray(tile, tileOffset + 4 * TILE_STRIDE + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c50)).intoArray(tile, tileOffset + 5 * TILE_STRIDE);
    ((FloatVector) FLOAT_CLASS.cast(c51)).intoArray(tile, tileOffset + 5 * TILE_STRIDE + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c60)).intoArray(tile, tileOffset + 6 * TILE_STRIDE);
    ((FloatVector) FLOAT_CLASS.cast(c61)).intoArray(tile, tileOffset + 6 * TILE_STRIDE + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c70)).intoArray(tile, tileOffset + 7 * TILE_STRIDE);
    ((FloatVector) FLOAT_CLASS.cast(c71)).intoArray(tile, tileOffset + 7 * TILE_STRIDE + LANES);
  }

  /** As {@link TileKernels#product}. */
  static void product(
      float[] tile,
      int tileOffset,
      float[] b,
      int bOffset,
      int depth,
      float[] block,
      int blockOffset) {
    FloatVector c00 = FloatVector.zero(FLOATS);
    FloatVector c01 = FloatVector.zero(FLOATS);
    FloatVector c10 = FloatVector.zero(FLOATS);
    FloatVector c11 = FloatVector.zero(FLOATS);
    FloatVector c20 = FloatVector.zero(FLOATS);
    FloatVector c21 = FloatVector.zero(FLOATS);
    FloatVector c30 = FloatVector.zero(FLOATS);
    FloatVector c31 = FloatVector.zero(FLOATS);
    FloatVector c40 = FloatVector.zero(FLOATS);
    FloatVector c41 = FloatVector.zero(FLOATS);
    FloatVector c50 = FloatVector.zero(FLOATS);
    FloatVector c51 = FloatVector.zero(FLOATS);
    FloatVector c60 = FloatVector.zero(FLOATS);
    FloatVector c61 = FloatVector.zero(FLOATS);
    FloatVector c70 = FloatVector.zero(FLOATS);
    FloatVector c71 = FloatVector.zero(FLOATS);
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = FloatVector.fromArray(FLOATS, b, bOffset + k * PANEL);
      FloatVector b1 = FloatVector.fromArray(FLOATS, b, bOffset + k * PANEL + LANES);
      FloatVector a0 = FloatVector.broadcast(FLOATS, tile[tileOffset + k]);
      c00 = (FloatVector) FLOAT_CLASS.cast(a0.fma(b0, (FloatVector) FLOAT_CLASS.cast(c00)));
      c01 = (FloatVector) FLOAT_CLASS.cast(a0.fma(b1, (FloatVector) FLOAT_CLASS.cast(c01)));
      FloatVector a1 = FloatVector.broadcast(FLOATS, tile[tileOffset + TILE_STRIDE + k]);
      c10 = (FloatVector) FLOAT_CLASS.cast(a1.fma(b0, (FloatVector) FLOAT_CLASS.cast(c10)));
      c11 = (FloatVector) FLOAT_CLASS.cast(a1.fma(b1, (FloatVector) FLOAT_CLASS.cast(c11)));
      FloatVector a2 = FloatVector.broadcast(FLOATS, tile[tileOffset + 2 * TILE_STRIDE + k]);
      c20 = (FloatVector) FLOAT_CLASS.cast(a2.fma(b0, (FloatVector) FLOAT_CLASS.cast(c20)));
      c21 = (FloatVector) FLOAT_CLASS.cast(a2.fma(b1, (FloatVector) FLOAT_CLASS.cast(c21)));
      FloatVector a3 = FloatVector.broadcast(FLOATS, tile[tileOffset + 3 * TILE_STRIDE + k]);
      c30 = (FloatVector) FLOAT_CLASS.cast(a3.fma(b0, (FloatVector) FLOAT_CLASS.cast(c30)));
      c31 = (FloatVector) FLOAT_CLASS.cast(a3.fma(b1, (FloatVector) FLOAT_CLASS.cast(c31)));
      FloatVector a4 = FloatVector.broadcast(FLOATS, tile[tileOffset + 4 * TILE_STRIDE + k]);
      c40 = (FloatVector) FLOAT_CLASS.cast(a4.fma(b0, (FloatVector) FLOAT_CLASS.cast(c40)));
      c41 = (FloatVector) FLOAT_CLASS.cast(a4.fma(b1, (FloatVector) FLOAT_CLASS.cast(c41)));
      FloatVector a5 = FloatVector.broadcast(FLOATS, tile[tileOffset + 5 * TILE_STRIDE + k]);
      c50 = (FloatVector) FLOAT_CLASS.cast(a5.fma(b0, (FloatVector) FLOAT_CLASS.cast(c50)));
      c51 = (FloatVector) FLOAT_CLASS.cast(a5.fma(b1, (FloatVector) FLOAT_CLASS.cast(c51)));
      FloatVector a6 = FloatVector.broadcast(FLOATS, tile[tileOffset + 6 * TILE_STRIDE + k]);
      c60 = (FloatVector) FLOAT_CLASS.cast(a6.fma(b0, (FloatVector) FLOAT_CLASS.cast(c60)));
      c61 = (FloatVector) FLOAT_CLASS.cast(a6.fma(b1, (FloatVector) FLOAT_CLASS.cast(c61)));
      FloatVector a7 = FloatVector.broadcast(FLOATS, tile[tileOffset + 7 * TILE_STRIDE + k]);
      c70 = (FloatVector) FLOAT_CLASS.cast(a7.fma(b0, (FloatVector) FLOAT_CLASS.cast(c70)));
      c71 = (FloatVector) FLOAT_CLASS.cast(a7.fma(b1, (FloatVector) FLOAT_CLASS.cast(c71)));
    }
    ((FloatVector) FLOAT_CLASS.cast(c00)).intoArray(block, blockOffset);
    ((FloatVector) FLOAT_CLASS.cast(c01)).intoArray(block, blockOffset + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c10)).intoArray(block, blockOffset + PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c11)).intoArray(block, blockOffset + PANEL + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c20)).intoArray(block, blockOffset + 2 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c21)).intoArray(block, blockOffset + 2 * PANEL + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c30)).intoArray(block, blockOffset + 3 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c31)).intoArray(block, blockOffset + 3 * PANEL + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c40)).intoArray(block, blockOffset + 4 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c41)).intoArray(block, blockOffset + 4 * PANEL + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c50)).intoArray(block, blockOffset + 5 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c51)).intoArray(block, blockOffset + 5 * PANEL + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c60)).intoArray(block, blockOffset + 6 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c61)).intoArray(block, blockOffset + 6 * PANEL + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c70)).intoArray(block, blockOffset + 7 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c71)).intoArray(block, blockOffset + 7 * PANEL + LANES);
  }

  /** As {@link TileKernels#transposedProduct}. */
  static void transposedProduct(
      float[] tile,
      int tileOffset,
      float[] b,
      int bOffset,
      int depth,
      float[] block,
      int blockOffset) {
    FloatVector c00 = FloatVector.zero(FLOATS);
    FloatVector c01 = FloatVector.zero(FLOATS);
    FloatVector c10 = FloatVector.zero(FLOATS);
    FloatVector c11 = FloatVector.zero(FLOATS);
    FloatVector c20 = FloatVector.zero(FLOATS);
    FloatVector c21 = FloatVector.zero(FLOATS);
    FloatVector c30 = FloatVector.zero(FLOATS);
    FloatVector c31 = FloatVector.zero(FLOATS);
    FloatVector c40 = FloatVector.zero(FLOATS);
    FloatVector c41 = FloatVector.zero(FLOATS);
    FloatVector c50 = FloatVector.zero(FLOATS);
    FloatVector c51 = FloatVector.zero(FLOATS);
    FloatVector c60 = FloatVector.zero(FLOATS);
    FloatVector c61 = FloatVector.zero(FLOATS);
    FloatVector c70 = FloatVector.zero(FLOATS);
    FloatVector c71 = FloatVector.zero(FLOATS);
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = FloatVector.fromArray(FLOATS, b, bOffset + k * PANEL);
      FloatVector b1 = FloatVector.fromArray(FLOATS, b, bOffset + k * PANEL + LANES);
      FloatVector a0 = FloatVector.broadcast(FLOATS, tile[tileOffset + k * TILE_STRIDE]);
      c00 = (FloatVector) FLOAT_CLASS.cast(a0.fma(b0, (FloatVector) FLOAT_CLASS.cast(c00)));
      c01 = (FloatVector) FLOAT_CLASS.cast(a0.fma(b1, (FloatVector) FLOAT_CLASS.cast(c01)));
      FloatVector a1 = FloatVector.broadcast(FLOATS, tile[tileOffset + k * TILE_STRIDE + 1]);
      c10 = (FloatVector) FLOAT_CLASS.cast(a1.fma(b0, (FloatVector) FLOAT_CLASS.cast(c10)));
      c11 = (FloatVector) FLOAT_CLASS.cast(a1.fma(b1, (FloatVector) FLOAT_CLASS.cast(c11)));
      FloatVector a2 = FloatVector.broadcast(FLOATS, tile[tileOffset + k * TILE_STRIDE + 2]);
      c20 = (FloatVector) FLOAT_CLASS.cast(a2.fma(b0, (FloatVector) FLOAT_CLASS.cast(c20)));
      c21 = (FloatVector) FLOAT_CLASS.cast(a2.fma(b1, (FloatVector) FLOAT_CLASS.cast(c21)));
      FloatVector a3 = FloatVector.broadcast(FLOATS, tile[tileOffset + k * TILE_STRIDE + 3]);
      c30 = (FloatVector) FLOAT_CLASS.cast(a3.fma(b0, (FloatVector) FLOAT_CLASS.cast(c30)));
      c31 = (FloatVector) FLOAT_CLASS.cast(a3.fma(b1, (FloatVector) FLOAT_CLASS.cast(c31)));
      FloatVector a4 = FloatVector.broadcast(FLOATS, tile[tileOffset + k * TILE_STRIDE + 4]);
      c40 = (FloatVector) FLOAT_CLASS.cast(a4.fma(b0, (FloatVector) FLOAT_CLASS.cast(c40)));
      c41 = (FloatVector) FLOAT_CLASS.cast(a4.fma(b1, (FloatVector) FLOAT_CLASS.cast(c41)));
      FloatVector a5 = FloatVector.broadcast(FLOATS, tile[tileOffset + k * TILE_STRIDE + 5]);
      c50 = (FloatVector) FLOAT_CLASS.cast(a5.fma(b0, (FloatVector) FLOAT_CLASS.cast(c50)));
      c51 = (FloatVector) FLOAT_CLASS.cast(a5.fma(b1, (FloatVector) FLOAT_CLASS.cast(c51)));
      FloatVector a6 = FloatVector.broadcast(FLOATS, tile[tileOffset + k * TILE_STRIDE + 6]);
      c60 = (FloatVector) FLOAT_CLASS.cast(a6.fma(b0, (FloatVector) FLOAT_CLASS.cast(c60)));
      c61 = (FloatVector) FLOAT_CLASS.cast(a6.fma(b1, (FloatVector) FLOAT_CLASS.cast(c61)));
      FloatVector a7 = FloatVector.broadcast(FLOATS, tile[tileOffset + k * TILE_STRIDE + 7]);
      c70 = (FloatVector) FLOAT_CLASS.cast(a7.fma(b0, (FloatVector) FLOAT_CLASS.cast(c70)));
      c71 = (FloatVector) FLOAT_CLASS.cast(a7.fma(b1, (FloatVector) FLOAT_CLASS.cast(c71)));
    }
    ((FloatVector) FLOAT_CLASS.cast(c00)).intoArray(block, blockOffset);
    ((FloatVector) FLOAT_CLASS.cast(c01)).intoArray(block, blockOffset + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c10)).intoArray(block, blockOffset + PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c11)).intoArray(block, blockOffset + PANEL + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c20)).intoArray(block, blockOffset + 2 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c21)).intoArray(block, blockOffset + 2 * PANEL + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c30)).intoArray(block, blockOffset + 3 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c31)).intoArray(block, blockOffset + 3 * PANEL + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c40)).intoArray(block, blockOffset + 4 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c41)).intoArray(block, blockOffset + 4 * PANEL + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c50)).intoArray(block, blockOffset + 5 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c51)).intoArray(block, blockOffset + 5 * PANEL + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c60)).intoArray(block, blockOffset + 6 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c61)).intoArray(block, blockOffset + 6 * PANEL + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c70)).intoArray(block, blockOffset + 7 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c71)).intoArray(block, blockOffset + 7 * PANEL + LANES);
  }
}
