package org.simclrspark.worker.winograd;

import static org.simclrspark.loss.vector.VectorTypes.FLOATS;
import static org.simclrspark.loss.vector.VectorTypes.FLOAT_CLASS;
import static org.simclrspark.loss.vector.VectorTypes.LANES;
import static org.simclrspark.worker.winograd.TileProduct.PANEL;

import jdk.incubator.vector.FloatVector;

/**
 * The matrix product of one component in a backward pass to the weights: [in, tiles] by [tiles,
 * out], for a panel of input channels and one or two of output channels. Every element is one chain
 * of fused multiply-adds over the tiles in their order.
 */
final class GradientProduct {

  private GradientProduct() {}

  /**
   * Multiplies.
   *
   * @param panels of output channels, at most {@value TileProduct#PANELS}
   * @param a where the panel of inputs is, [tiles, panel]
   * @param b where gradients of outputs are, their panels [tiles, panel] {@code bPanel} apart
   * @param tiles how many
   * @param c where products go, [panel, panel] for each panel of output channels, {@code cPanel}
   *     apart
   */
  static void multiply(
      int panels,
      float[] a,
      int aOffset,
      float[] b,
      int bOffset,
      int bPanel,
      int tiles,
      float[] c,
      int cOffset,
      int cPanel) {
    if (LANES == 16) {
      // Of a single panel both halves of the block are the same.
      int another = panels - 1;
      for (int row = 0; row < PANEL; row += 8) {
        int to = cOffset + row * PANEL;
        eight(a, aOffset + row, b, bOffset, another * bPanel, tiles, c, to, another * cPanel);
      }
    } else {
      for (int panel = 0; panel < panels; panel++) {
        int from = bOffset + panel * bPanel;
        int to = cOffset + panel * cPanel;
        // The last block goes over two rows again.
        for (int row = 0; row < PANEL; row = row == 6 ? PANEL - 6 : row + 6) {
          six(a, aOffset + row, b, from, tiles, c, to + row * PANEL);
        }
      }
    }
  }

  /** Eight input channels by a vector of each of two panels. */
  private static void eight(
      float[] a,
      int aOffset,
      float[] b,
      int bOffset,
      int bPanel,
      int depth,
      float[] c,
      int cOffset,
      int cPanel) {
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
      int at = aOffset + k * PANEL;
      FloatVector b0 = FloatVector.fromArray(FLOATS, b, bt);
      FloatVector b1 = FloatVector.fromArray(FLOATS, b, bt + bPanel);
      FloatVector a0 = FloatVector.broadcast(FLOATS, a[at]);
      c00 = (FloatVector) FLOAT_CLASS.cast(a0.fma(b0, (FloatVector) FLOAT_CLASS.cast(c00)));
      c01 = (FloatVector) FLOAT_CLASS.cast(a0.fma(b1, (FloatVector) FLOAT_CLASS.cast(c01)));
      FloatVector a1 = FloatVector.broadcast(FLOATS, a[at + 1]);
      c10 = (FloatVector) FLOAT_CLASS.cast(a1.fma(b0, (FloatVector) FLOAT_CLASS.cast(c10)));
      c11 = (FloatVector) FLOAT_CLASS.cast(a1.fma(b1, (FloatVector) FLOAT_CLASS.cast(c11)));
      FloatVector a2 = FloatVector.broadcast(FLOATS, a[at + 2]);
      c20 = (FloatVector) FLOAT_CLASS.cast(a2.fma(b0, (FloatVector) FLOAT_CLASS.cast(c20)));
      c21 = (FloatVector) FLOAT_CLASS.cast(a2.fma(b1, (FloatVector) FLOAT_CLASS.cast(c21)));
      FloatVector a3 = FloatVector.broadcast(FLOATS, a[at + 3]);
      c30 = (FloatVector) FLOAT_CLASS.cast(a3.fma(b0, (FloatVector) FLOAT_CLASS.cast(c30)));
      c31 = (FloatVector) FLOAT_CLASS.cast(a3.fma(b1, (FloatVector) FLOAT_CLASS.cast(c31)));
      FloatVector a4 = FloatVector.broadcast(FLOATS, a[at + 4]);
      c40 = (FloatVector) FLOAT_CLASS.cast(a4.fma(b0, (FloatVector) FLOAT_CLASS.cast(c40)));
      c41 = (FloatVector) FLOAT_CLASS.cast(a4.fma(b1, (FloatVector) FLOAT_CLASS.cast(c41)));
      FloatVector a5 = FloatVector.broadcast(FLOATS, a[at + 5]);
      c50 = (FloatVector) FLOAT_CLASS.cast(a5.fma(b0, (FloatVector) FLOAT_CLASS.cast(c50)));
      c51 = (FloatVector) FLOAT_CLASS.cast(a5.fma(b1, (FloatVector) FLOAT_CLASS.cast(c51)));
      FloatVector a6 = FloatVector.broadcast(FLOATS, a[at + 6]);
      c60 = (FloatVector) FLOAT_CLASS.cast(a6.fma(b0, (FloatVector) FLOAT_CLASS.cast(c60)));
      c61 = (FloatVector) FLOAT_CLASS.cast(a6.fma(b1, (FloatVector) FLOAT_CLASS.cast(c61)));
      FloatVector a7 = FloatVector.broadcast(FLOATS, a[at + 7]);
      c70 = (FloatVector) FLOAT_CLASS.cast(a7.fma(b0, (FloatVector) FLOAT_CLASS.cast(c70)));
      c71 = (FloatVector) FLOAT_CLASS.cast(a7.fma(b1, (FloatVector) FLOAT_CLASS.cast(c71)));
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

  /** Six input channels by the two vectors of a panel. */
  private static void six(
      float[] a, int aOffset, float[] b, int bOffset, int depth, float[] c, int cOffset) {
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
      int at = aOffset + k * PANEL;
      FloatVector b0 = FloatVector.fromArray(FLOATS, b, bt);
      FloatVector b1 = FloatVector.fromArray(FLOATS, b, bt + LANES);
      FloatVector a0 = FloatVector.broadcast(FLOATS, a[at]);
      c00 = (FloatVector) FLOAT_CLASS.cast(a0.fma(b0, (FloatVector) FLOAT_CLASS.cast(c00)));
      c01 = (FloatVector) FLOAT_CLASS.cast(a0.fma(b1, (FloatVector) FLOAT_CLASS.cast(c01)));
      FloatVector a1 = FloatVector.broadcast(FLOATS, a[at + 1]);
      c10 = (FloatVector) FLOAT_CLASS.cast(a1.fma(b0, (FloatVector) FLOAT_CLASS.cast(c10)));
      c11 = (FloatVector) FLOAT_CLASS.cast(a1.fma(b1, (FloatVector) FLOAT_CLASS.cast(c11)));
      FloatVector a2 = FloatVector.broadcast(FLOATS, a[at + 2]);
      c20 = (FloatVector) FLOAT_CLASS.cast(a2.fma(b0, (FloatVector) FLOAT_CLASS.cast(c20)));
      c21 = (FloatVector) FLOAT_CLASS.cast(a2.fma(b1, (FloatVector) FLOAT_CLASS.cast(c21)));
      FloatVector a3 = FloatVector.broadcast(FLOATS, a[at + 3]);
      c30 = (FloatVector) FLOAT_CLASS.cast(a3.fma(b0, (FloatVector) FLOAT_CLASS.cast(c30)));
      c31 = (FloatVector) FLOAT_CLASS.cast(a3.fma(b1, (FloatVector) FLOAT_CLASS.cast(c31)));
      FloatVector a4 = FloatVector.broadcast(FLOATS, a[at + 4]);
      c40 = (FloatVector) FLOAT_CLASS.cast(a4.fma(b0, (FloatVector) FLOAT_CLASS.cast(c40)));
      c41 = (FloatVector) FLOAT_CLASS.cast(a4.fma(b1, (FloatVector) FLOAT_CLASS.cast(c41)));
      FloatVector a5 = FloatVector.broadcast(FLOATS, a[at + 5]);
      c50 = (FloatVector) FLOAT_CLASS.cast(a5.fma(b0, (FloatVector) FLOAT_CLASS.cast(c50)));
      c51 = (FloatVector) FLOAT_CLASS.cast(a5.fma(b1, (FloatVector) FLOAT_CLASS.cast(c51)));
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
