package org.simclrspark.loss;

import static org.simclrspark.loss.Embeddings.PANEL;
import static org.simclrspark.loss.TileKernels.TILE_STRIDE;
import static org.simclrspark.loss.VectorTypes.FLOATS;
import static org.simclrspark.loss.VectorTypes.FLOAT_CLASS;
import static org.simclrspark.loss.VectorTypes.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * The products of {@link TileKernels} with 4 rows: 11 vectors, for CPUs with 16 vector registers.
 */
final class NarrowKernels {
  private NarrowKernels() {}

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
    }
    ((FloatVector) FLOAT_CLASS.cast(c00)).intoArray(tile, tileOffset);
    ((FloatVector) FLOAT_CLASS.cast(c01)).intoArray(tile, tileOffset + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c10)).intoArray(tile, tileOffset + TILE_STRIDE);
    ((FloatVector) FLOAT_CLASS.cast(c11)).intoArray(tile, tileOffset + TILE_STRIDE + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c20)).intoArray(tile, tileOffset + 2 * TILE_STRIDE);
    ((FloatVector) FLOAT_CLASS.cast(c21)).intoArray(tile, tileOffset + 2 * TILE_STRIDE + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c30)).intoArray(tile, tileOffset + 3 * TILE_STRIDE);
    ((FloatVector) FLOAT_CLASS.cast(c31)).intoArray(tile, tileOffset + 3 * TILE_STRIDE + LANES);
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
    }
    ((FloatVector) FLOAT_CLASS.cast(c00)).intoArray(block, blockOffset);
    ((FloatVector) FLOAT_CLASS.cast(c01)).intoArray(block, blockOffset + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c10)).intoArray(block, blockOffset + PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c11)).intoArray(block, blockOffset + PANEL + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c20)).intoArray(block, blockOffset + 2 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c21)).intoArray(block, blockOffset + 2 * PANEL + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c30)).intoArray(block, blockOffset + 3 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c31)).intoArray(block, blockOffset + 3 * PANEL + LANES);
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
    }
    ((FloatVector) FLOAT_CLASS.cast(c00)).intoArray(block, blockOffset);
    ((FloatVector) FLOAT_CLASS.cast(c01)).intoArray(block, blockOffset + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c10)).intoArray(block, blockOffset + PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c11)).intoArray(block, blockOffset + PANEL + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c20)).intoArray(block, blockOffset + 2 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c21)).intoArray(block, blockOffset + 2 * PANEL + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c30)).intoArray(block, blockOffset + 3 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c31)).intoArray(block, blockOffset + 3 * PANEL + LANES);
  }
}
