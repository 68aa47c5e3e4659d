package org.simclrspark.worker.winograd;

import static org.simclrspark.loss.vector.VectorTypes.FLOATS;
import static org.simclrspark.loss.vector.VectorTypes.FLOAT_CLASS;
import static org.simclrspark.loss.vector.VectorTypes.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * The matrix product of one component in a forward pass: [tiles, in] by [in, out]. Channels come in
 * panels of {@value #PANEL}: tiles and products are [channels / panel, tiles, panel], weights are
 * [out / panel, in, panel].
 *
 * <p>Every element is a sum over {@value #CHAIN} channels at a time, each of them a chain of fused
 * multiply-adds in the order of channels, so that its bits depend on nothing else; longer chains
 * would round more. A chain is one loop, though the panels lie apart: JDK 17 keeps sums in
 * registers over one loop, and not over two nested ones.
 */
final class TileProduct {

  /** Channels side by side. */
  static final int PANEL = 16;

  /** Panels of output channels that are multiplied together. */
  static final int PANELS = 2;

  /** Tiles of a block, which stays in registers: of 32 where vectors have 16 floats, else of 16. */
  static final int TILES = LANES == 16 ? 8 : 6;

  /** Input channels that are added up in registers, before their sum joins that of others. */
  private static final int CHAIN = 32;

  private TileProduct() {}

  /**
   * Multiplies.
   *
   * @param panels of the product, at most {@value #PANELS}
   * @param tiles a multiple of {@link #TILES}
   * @param a where tiles are, their panels {@code aPanel} apart
   * @param b where weights are, their panels {@code depth * PANEL} apart
   * @param depth input channels
   * @param c where products go, their panels {@code cPanel} apart
   */
  static void multiply(
      int panels,
      int tiles,
      float[] a,
      int aOffset,
      int aPanel,
      float[] b,
      int bOffset,
      int depth,
      float[] c,
      int cOffset,
      int cPanel) {
    for (int k = 0; k < depth; k += CHAIN) {
      int chain = Math.min(CHAIN, depth - k);
      int from = aOffset + k / PANEL * aPanel;
      int weights = bOffset + k * PANEL;
      boolean more = k > 0;
      if (LANES == 16) {
        // Of a single panel both halves of the block are the same.
        int bPanel = (panels - 1) * depth * PANEL;
        int toPanel = (panels - 1) * cPanel;
        for (int tile = 0; tile < tiles * PANEL; tile += TILES * PANEL) {
          eight(
              a, from + tile, aPanel, b, weights, bPanel, chain, c, cOffset + tile, toPanel, more);
        }
      } else {
        for (int panel = 0; panel < panels; panel++) {
          int ofPanel = weights + panel * depth * PANEL;
          int to = cOffset + panel * cPanel;
          for (int tile = 0; tile < tiles * PANEL; tile += TILES * PANEL) {
            six(a, from + tile, aPanel, b, ofPanel, chain, c, to + tile, more);
          }
        }
      }
    }
  }

  /** Eight tiles by a vector of each of two panels. */
  private static void eight(
      float[] a,
      int aOffset,
      int aPanel,
      float[] b,
      int bOffset,
      int bPanel,
      int depth,
      float[] c,
      int cOffset,
      int cPanel,
      boolean more) {
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
    int bt = bOffset;
    for (int k = 0; k < depth; k++, bt += PANEL) {
      int at = aOffset + k / PANEL * aPanel + k % PANEL;
      FloatVector b0 = FloatVector.fromArray(FLOATS, b, bt);
      FloatVector b1 = FloatVector.fromArray(FLOATS, b, bt + bPanel);
      FloatVector a0 = FloatVector.broadcast(FLOATS, a[at]);
      c00 = (FloatVector) FLOAT_CLASS.cast(a0.fma(b0, (FloatVector) FLOAT_CLASS.cast(c00)));
      c01 = (FloatVector) FLOAT_CLASS.cast(a0.fma(b1, (FloatVector) FLOAT_CLASS.cast(c01)));
      FloatVector a1 = FloatVector.broadcast(FLOATS, a[at + 1 * PANEL]);
      c10 = (FloatVector) FLOAT_CLASS.cast(a1.fma(b0, (FloatVector) FLOAT_CLASS.cast(c10)));
      c11 = (FloatVector) FLOAT_CLASS.cast(a1.fma(b1, (FloatVector) FLOAT_CLASS.cast(c11)));
      FloatVector a2 = FloatVector.broadcast(FLOATS, a[at + 2 * PANEL]);
      c20 = (FloatVector) FLOAT_CLASS.cast(a2.fma(b0, (FloatVector) FLOAT_CLASS.cast(c20)));
      c21 = (FloatVector) FLOAT_CLASS.cast(a2.fma(b1, (FloatVector) FLOAT_CLASS.cast(c21)));
      FloatVector a3 = FloatVector.broadcast(FLOATS, a[at + 3 * PANEL]);
      c30 = (FloatVector) FLOAT_CLASS.cast(a3.fma(b0, (FloatVector) FLOAT_CLASS.cast(c30)));
      c31 = (FloatVector) FLOAT_CLASS.cast(a3.fma(b1, (FloatVector) FLOAT_CLASS.cast(c31)));
      FloatVector a4 = FloatVector.broadcast(FLOATS, a[at + 4 * PANEL]);
      c40 = (FloatVector) FLOAT_CLASS.cast(a4.fma(b0, (FloatVector) FLOAT_CLASS.cast(c40)));
      c41 = (FloatVector) FLOAT_CLASS.cast(a4.fma(b1, (FloatVector) FLOAT_CLASS.cast(c41)));
      FloatVector a5 = FloatVector.broadcast(FLOATS, a[at + 5 * PANEL]);
      c50 = (FloatVector) FLOAT_CLASS.cast(a5.fma(b0, (FloatVector) FLOAT_CLASS.cast(c50)));
      c51 = (FloatVector) FLOAT_CLASS.cast(a5.fma(b1, (FloatVector) FLOAT_CLASS.cast(c51)));
      FloatVector a6 = FloatVector.broadcast(FLOATS, a[at + 6 * PANEL]);
      c60 = (FloatVector) FLOAT_CLASS.cast(a6.fma(b0, (FloatVector) FLOAT_CLASS.cast(c60)));
      c61 = (FloatVector) FLOAT_CLASS.cast(a6.fma(b1, (FloatVector) FLOAT_CLASS.cast(c61)));
      FloatVector a7 = FloatVector.broadcast(FLOATS, a[at + 7 * PANEL]);
      c70 = (FloatVector) FLOAT_CLASS.cast(a7.fma(b0, (FloatVector) FLOAT_CLASS.cast(c70)));
      c71 = (FloatVector) FLOAT_CLASS.cast(a7.fma(b1, (FloatVector) FLOAT_CLASS.cast(c71)));
    }
    if (more) {
      c00 = FloatVector.fromArray(FLOATS, c, cOffset).add(c00);
      c01 = FloatVector.fromArray(FLOATS, c, cOffset + cPanel).add(c01);
      c10 = FloatVector.fromArray(FLOATS, c, cOffset + 1 * PANEL).add(c10);
      c11 = FloatVector.fromArray(FLOATS, c, cOffset + 1 * PANEL + cPanel).add(c11);
      c20 = FloatVector.fromArray(FLOATS, c, cOffset + 2 * PANEL).add(c20);
      c21 = FloatVector.fromArray(FLOATS, c, cOffset + 2 * PANEL + cPanel).add(c21);
      c30 = FloatVector.fromArray(FLOATS, c, cOffset + 3 * PANEL).add(c30);
      c31 = FloatVector.fromArray(FLOATS, c, cOffset + 3 * PANEL + cPanel).add(c31);
      c40 = FloatVector.fromArray(FLOATS, c, cOffset + 4 * PANEL).add(c40);
      c41 = FloatVector.fromArray(FLOATS, c, cOffset + 4 * PANEL + cPanel).add(c41);
      c50 = FloatVector.fromArray(FLOATS, c, cOffset + 5 * PANEL).add(c50);
      c51 = FloatVector.fromArray(FLOATS, c, cOffset + 5 * PANEL + cPanel).add(c51);
      c60 = FloatVector.fromArray(FLOATS, c, cOffset + 6 * PANEL).add(c60);
      c61 = FloatVector.fromArray(FLOATS, c, cOffset + 6 * PANEL + cPanel).add(c61);
      c70 = FloatVector.fromArray(FLOATS, c, cOffset + 7 * PANEL).add(c70);
      c71 = FloatVector.fromArray(FLOATS, c, cOffset + 7 * PANEL + cPanel).add(c71);
    }
    ((FloatVector) FLOAT_CLASS.cast(c00)).intoArray(c, cOffset);
    ((FloatVector) FLOAT_CLASS.cast(c01)).intoArray(c, cOffset + cPanel);
    ((FloatVector) FLOAT_CLASS.cast(c10)).intoArray(c, cOffset + 1 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c11)).intoArray(c, cOffset + 1 * PANEL + cPanel);
    ((FloatVector) FLOAT_CLASS.cast(c20)).intoArray(c, cOffset + 2 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c21)).intoArray(c, cOffset + 2 * PANEL + cPanel);
    ((FloatVector) FLOAT_CLASS.cast(c30)).intoArray(c, cOffset + 3 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c31)).intoArray(c, cOffset + 3 * PANEL + cPanel);
    ((FloatVector) FLOAT_CLASS.cast(c40)).intoArray(c, cOffset + 4 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c41)).intoArray(c, cOffset + 4 * PANEL + cPanel);
    ((FloatVector) FLOAT_CLASS.cast(c50)).intoArray(c, cOffset + 5 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c51)).intoArray(c, cOffset + 5 * PANEL + cPanel);
    ((FloatVector) FLOAT_CLASS.cast(c60)).intoArray(c, cOffset + 6 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c61)).intoArray(c, cOffset + 6 * PANEL + cPanel);
    ((FloatVector) FLOAT_CLASS.cast(c70)).intoArray(c, cOffset + 7 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c71)).intoArray(c, cOffset + 7 * PANEL + cPanel);
  }

  /** Six tiles by the two vectors of a panel. */
  private static void six(
      float[] a,
      int aOffset,
      int aPanel,
      float[] b,
      int bOffset,
      int depth,
      float[] c,
      int cOffset,
      boolean more) {
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
    int bt = bOffset;
    for (int k = 0; k < depth; k++, bt += PANEL) {
      int at = aOffset + k / PANEL * aPanel + k % PANEL;
      FloatVector b0 = FloatVector.fromArray(FLOATS, b, bt);
      FloatVector b1 = FloatVector.fromArray(FLOATS, b, bt + LANES);
      FloatVector a0 = FloatVector.broadcast(FLOATS, a[at]);
      c00 = (FloatVector) FLOAT_CLASS.cast(a0.fma(b0, (FloatVector) FLOAT_CLASS.cast(c00)));
      c01 = (FloatVector) FLOAT_CLASS.cast(a0.fma(b1, (FloatVector) FLOAT_CLASS.cast(c01)));
      FloatVector a1 = FloatVector.broadcast(FLOATS, a[at + 1 * PANEL]);
      c10 = (FloatVector) FLOAT_CLASS.cast(a1.fma(b0, (FloatVector) FLOAT_CLASS.cast(c10)));
      c11 = (FloatVector) FLOAT_CLASS.cast(a1.fma(b1, (FloatVector) FLOAT_CLASS.cast(c11)));
      FloatVector a2 = FloatVector.broadcast(FLOATS, a[at + 2 * PANEL]);
      c20 = (FloatVector) FLOAT_CLASS.cast(a2.fma(b0, (FloatVector) FLOAT_CLASS.cast(c20)));
      c21 = (FloatVector) FLOAT_CLASS.cast(a2.fma(b1, (FloatVector) FLOAT_CLASS.cast(c21)));
      FloatVector a3 = FloatVector.broadcast(FLOATS, a[at + 3 * PANEL]);
      c30 = (FloatVector) FLOAT_CLASS.cast(a3.fma(b0, (FloatVector) FLOAT_CLASS.cast(c30)));
      c31 = (FloatVector) FLOAT_CLASS.cast(a3.fma(b1, (FloatVector) FLOAT_CLASS.cast(c31)));
      FloatVector a4 = FloatVector.broadcast(FLOATS, a[at + 4 * PANEL]);
      c40 = (FloatVector) FLOAT_CLASS.cast(a4.fma(b0, (FloatVector) FLOAT_CLASS.cast(c40)));
      c41 = (FloatVector) FLOAT_CLASS.cast(a4.fma(b1, (FloatVector) FLOAT_CLASS.cast(c41)));
      FloatVector a5 = FloatVector.broadcast(FLOATS, a[at + 5 * PANEL]);
      c50 = (FloatVector) FLOAT_CLASS.cast(a5.fma(b0, (FloatVector) FLOAT_CLASS.cast(c50)));
      c51 = (FloatVector) FLOAT_CLASS.cast(a5.fma(b1, (FloatVector) FLOAT_CLASS.cast(c51)));
    }
    if (more) {
      c00 = FloatVector.fromArray(FLOATS, c, cOffset).add(c00);
      c01 = FloatVector.fromArray(FLOATS, c, cOffset + LANES).add(c01);
      c10 = FloatVector.fromArray(FLOATS, c, cOffset + 1 * PANEL).add(c10);
      c11 = FloatVector.fromArray(FLOATS, c, cOffset + 1 * PANEL + LANES).add(c11);
      c20 = FloatVector.fromArray(FLOATS, c, cOffset + 2 * PANEL).add(c20);
      c21 = FloatVector.fromArray(FLOATS, c, cOffset + 2 * PANEL + LANES).add(c21);
      c30 = FloatVector.fromArray(FLOATS, c, cOffset + 3 * PANEL).add(c30);
      c31 = FloatVector.fromArray(FLOATS, c, cOffset + 3 * PANEL + LANES).add(c31);
      c40 = FloatVector.fromArray(FLOATS, c, cOffset + 4 * PANEL).add(c40);
      c41 = FloatVector.fromArray(FLOATS, c, cOffset + 4 * PANEL + LANES).add(c41);
      c50 = FloatVector.fromArray(FLOATS, c, cOffset + 5 * PANEL).add(c50);
      c51 = FloatVector.fromArray(FLOATS, c, cOffset + 5 * PANEL + LANES).add(c51);
    }
    ((FloatVector) FLOAT_CLASS.cast(c00)).intoArray(c, cOffset);
    ((FloatVector) FLOAT_CLASS.cast(c01)).intoArray(c, cOffset + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c10)).intoArray(c, cOffset + 1 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c11)).intoArray(c, cOffset + 1 * PANEL + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c20)).intoArray(c, cOffset + 2 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c21)).intoArray(c, cOffset + 2 * PANEL + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c30)).intoArray(c, cOffset + 3 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c31)).intoArray(c, cOffset + 3 * PANEL + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c40)).intoArray(c, cOffset + 4 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c41)).intoArray(c, cOffset + 4 * PANEL + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c50)).intoArray(c, cOffset + 5 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c51)).intoArray(c, cOffset + 5 * PANEL + LANES);
  }
}
