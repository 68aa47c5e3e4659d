package org.simclrspark.loss.vector;

import static org.simclrspark.loss.vector.VectorTypes.FLOATS;
import static org.simclrspark.loss.vector.VectorTypes.FLOAT_CLASS;
import static org.simclrspark.loss.vector.VectorTypes.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * A register-blocked matrix product in the vector API: c_rj = sum over k of a_rk b_kj, for a block
 * of {@link #ROWS} rows and {@link #COLUMNS} columns that stays in registers.
 *
 * <p>Every element is one chain of fused multiply-adds in the order of k, so its bits depend on
 * nothing but the two vectors it multiplies: not on the block, or the lanes of the machine.
 *
 * <p>There is a kernel for each order of a, and each number of rows. One for both orders, with the
 * distance between rows as an argument too, takes the loss 8 percent longer, since the compiler
 * folds it into no address.
 */
public final class BlockProduct {
  /** Columns of b, side by side; the next k is this much further. */
  public static final int PANEL = 32;

  /**
   * How far apart rows of a are. Not a multiple of 64 floats, so that a column spreads over the
   * sets of the L1 cache.
   */
  public static final int STRIDE = 208;

  private static final boolean WIDE = LANES == 16;

  /** Rows of a block: 8 where CPUs have 32 vector registers, else 4. */
  public static final int ROWS = WIDE ? 8 : 4;

  /** Columns of a block; divides a panel. */
  public static final int COLUMNS = 2 * LANES;

  private BlockProduct() {}

  /**
   * The product where the rows of a lie side by side.
   *
   * @param aOffset where a_00 is; the next row is beside it, the next k {@code aStep} further
   * @param bOffset where b_00 is
   * @param depth how many k
   * @param c receives the block from {@code cOffset} on, its rows {@code cRow} apart
   */
  public static void ofColumns(
      float[] a,
      int aOffset,
      int aStep,
      float[] b,
      int bOffset,
      int depth,
      float[] c,
      int cOffset,
      int cRow) {
    if (WIDE) {
      ofEightColumns(a, aOffset, aStep, b, bOffset, depth, c, cOffset, cRow);
    } else {
      ofFourColumns(a, aOffset, aStep, b, bOffset, depth, c, cOffset, cRow);
    }
  }

  /**
   * The product where the rows of a lie {@link #STRIDE} apart.
   *
   * @param aOffset where a_00 is; the next k is beside it
   * @param bOffset where b_00 is
   * @param depth how many k
   * @param c receives the block from {@code cOffset} on, its rows {@link #PANEL} apart
   */
  public static void ofRows(
      float[] a, int aOffset, float[] b, int bOffset, int depth, float[] c, int cOffset) {
    if (WIDE) {
      ofEightRows(a, aOffset, b, bOffset, depth, c, cOffset);
    } else {
      ofFourRows(a, aOffset, b, bOffset, depth, c, cOffset);
    }
  }

  private static void ofEightColumns(
      float[] a,
      int aOffset,
      int aStep,
      float[] b,
      int bOffset,
      int depth,
      float[] c,
      int cOffset,
      int cRow) {
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
    int at = aOffset;
    for (int k = 0; k < depth; k++, at += aStep) {
      FloatVector b0 = FloatVector.fromArray(FLOATS, b, bOffset + k * PANEL);
      FloatVector b1 = FloatVector.fromArray(FLOATS, b, bOffset + k * PANEL + LANES);
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
    ((FloatVector) FLOAT_CLASS.cast(c01)).intoArray(c, cOffset + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c10)).intoArray(c, cOffset + cRow);
    ((FloatVector) FLOAT_CLASS.cast(c11)).intoArray(c, cOffset + cRow + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c20)).intoArray(c, cOffset + 2 * cRow);
    ((FloatVector) FLOAT_CLASS.cast(c21)).intoArray(c, cOffset + 2 * cRow + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c30)).intoArray(c, cOffset + 3 * cRow);
    ((FloatVector) FLOAT_CLASS.cast(c31)).intoArray(c, cOffset + 3 * cRow + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c40)).intoArray(c, cOffset + 4 * cRow);
    ((FloatVector) FLOAT_CLASS.cast(c41)).intoArray(c, cOffset + 4 * cRow + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c50)).intoArray(c, cOffset + 5 * cRow);
    ((FloatVector) FLOAT_CLASS.cast(c51)).intoArray(c, cOffset + 5 * cRow + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c60)).intoArray(c, cOffset + 6 * cRow);
    ((FloatVector) FLOAT_CLASS.cast(c61)).intoArray(c, cOffset + 6 * cRow + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c70)).intoArray(c, cOffset + 7 * cRow);
    ((FloatVector) FLOAT_CLASS.cast(c71)).intoArray(c, cOffset + 7 * cRow + LANES);
  }

  private static void ofFourColumns(
      float[] a,
      int aOffset,
      int aStep,
      float[] b,
      int bOffset,
      int depth,
      float[] c,
      int cOffset,
      int cRow) {
    FloatVector c00 = FloatVector.zero(FLOATS);
    FloatVector c01 = FloatVector.zero(FLOATS);
    FloatVector c10 = FloatVector.zero(FLOATS);
    FloatVector c11 = FloatVector.zero(FLOATS);
    FloatVector c20 = FloatVector.zero(FLOATS);
    FloatVector c21 = FloatVector.zero(FLOATS);
    FloatVector c30 = FloatVector.zero(FLOATS);
    FloatVector c31 = FloatVector.zero(FLOATS);
    int at = aOffset;
    for (int k = 0; k < depth; k++, at += aStep) {
      FloatVector b0 = FloatVector.fromArray(FLOATS, b, bOffset + k * PANEL);
      FloatVector b1 = FloatVector.fromArray(FLOATS, b, bOffset + k * PANEL + LANES);
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
    }
    ((FloatVector) FLOAT_CLASS.cast(c00)).intoArray(c, cOffset);
    ((FloatVector) FLOAT_CLASS.cast(c01)).intoArray(c, cOffset + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c10)).intoArray(c, cOffset + cRow);
    ((FloatVector) FLOAT_CLASS.cast(c11)).intoArray(c, cOffset + cRow + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c20)).intoArray(c, cOffset + 2 * cRow);
    ((FloatVector) FLOAT_CLASS.cast(c21)).intoArray(c, cOffset + 2 * cRow + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c30)).intoArray(c, cOffset + 3 * cRow);
    ((FloatVector) FLOAT_CLASS.cast(c31)).intoArray(c, cOffset + 3 * cRow + LANES);
  }

  private static void ofEightRows(
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
    FloatVector c60 = FloatVector.zero(FLOATS);
    FloatVector c61 = FloatVector.zero(FLOATS);
    FloatVector c70 = FloatVector.zero(FLOATS);
    FloatVector c71 = FloatVector.zero(FLOATS);
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = FloatVector.fromArray(FLOATS, b, bOffset + k * PANEL);
      FloatVector b1 = FloatVector.fromArray(FLOATS, b, bOffset + k * PANEL + LANES);
      FloatVector a0 = FloatVector.broadcast(FLOATS, a[aOffset + k]);
      c00 = (FloatVector) FLOAT_CLASS.cast(a0.fma(b0, (FloatVector) FLOAT_CLASS.cast(c00)));
      c01 = (FloatVector) FLOAT_CLASS.cast(a0.fma(b1, (FloatVector) FLOAT_CLASS.cast(c01)));
      FloatVector a1 = FloatVector.broadcast(FLOATS, a[aOffset + STRIDE + k]);
      c10 = (FloatVector) FLOAT_CLASS.cast(a1.fma(b0, (FloatVector) FLOAT_CLASS.cast(c10)));
      c11 = (FloatVector) FLOAT_CLASS.cast(a1.fma(b1, (FloatVector) FLOAT_CLASS.cast(c11)));
      FloatVector a2 = FloatVector.broadcast(FLOATS, a[aOffset + 2 * STRIDE + k]);
      c20 = (FloatVector) FLOAT_CLASS.cast(a2.fma(b0, (FloatVector) FLOAT_CLASS.cast(c20)));
      c21 = (FloatVector) FLOAT_CLASS.cast(a2.fma(b1, (FloatVector) FLOAT_CLASS.cast(c21)));
      FloatVector a3 = FloatVector.broadcast(FLOATS, a[aOffset + 3 * STRIDE + k]);
      c30 = (FloatVector) FLOAT_CLASS.cast(a3.fma(b0, (FloatVector) FLOAT_CLASS.cast(c30)));
      c31 = (FloatVector) FLOAT_CLASS.cast(a3.fma(b1, (FloatVector) FLOAT_CLASS.cast(c31)));
      FloatVector a4 = FloatVector.broadcast(FLOATS, a[aOffset + 4 * STRIDE + k]);
      c40 = (FloatVector) FLOAT_CLASS.cast(a4.fma(b0, (FloatVector) FLOAT_CLASS.cast(c40)));
      c41 = (FloatVector) FLOAT_CLASS.cast(a4.fma(b1, (FloatVector) FLOAT_CLASS.cast(c41)));
      FloatVector a5 = FloatVector.broadcast(FLOATS, a[aOffset + 5 * STRIDE + k]);
      c50 = (FloatVector) FLOAT_CLASS.cast(a5.fma(b0, (FloatVector) FLOAT_CLASS.cast(c50)));
      c51 = (FloatVector) FLOAT_CLASS.cast(a5.fma(b1, (FloatVector) FLOAT_CLASS.cast(c51)));
      FloatVector a6 = FloatVector.broadcast(FLOATS, a[aOffset + 6 * STRIDE + k]);
      c60 = (FloatVector) FLOAT_CLASS.cast(a6.fma(b0, (FloatVector) FLOAT_CLASS.cast(c60)));
      c61 = (FloatVector) FLOAT_CLASS.cast(a6.fma(b1, (FloatVector) FLOAT_CLASS.cast(c61)));
      FloatVector a7 = FloatVector.broadcast(FLOATS, a[aOffset + 7 * STRIDE + k]);
      c70 = (FloatVector) FLOAT_CLASS.cast(a7.fma(b0, (FloatVector) FLOAT_CLASS.cast(c70)));
      c71 = (FloatVector) FLOAT_CLASS.cast(a7.fma(b1, (FloatVector) FLOAT_CLASS.cast(c71)));
    }
    ((FloatVector) FLOAT_CLASS.cast(c00)).intoArray(c, cOffset);
    ((FloatVector) FLOAT_CLASS.cast(c01)).intoArray(c, cOffset + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c10)).intoArray(c, cOffset + PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c11)).intoArray(c, cOffset + PANEL + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c20)).intoArray(c, cOffset + 2 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c21)).intoArray(c, cOffset + 2 * PANEL + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c30)).intoArray(c, cOffset + 3 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c31)).intoArray(c, cOffset + 3 * PANEL + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c40)).intoArray(c, cOffset + 4 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c41)).intoArray(c, cOffset + 4 * PANEL + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c50)).intoArray(c, cOffset + 5 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c51)).intoArray(c, cOffset + 5 * PANEL + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c60)).intoArray(c, cOffset + 6 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c61)).intoArray(c, cOffset + 6 * PANEL + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c70)).intoArray(c, cOffset + 7 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c71)).intoArray(c, cOffset + 7 * PANEL + LANES);
  }

  private static void ofFourRows(
      float[] a, int aOffset, float[] b, int bOffset, int depth, float[] c, int cOffset) {
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
      FloatVector a0 = FloatVector.broadcast(FLOATS, a[aOffset + k]);
      c00 = (FloatVector) FLOAT_CLASS.cast(a0.fma(b0, (FloatVector) FLOAT_CLASS.cast(c00)));
      c01 = (FloatVector) FLOAT_CLASS.cast(a0.fma(b1, (FloatVector) FLOAT_CLASS.cast(c01)));
      FloatVector a1 = FloatVector.broadcast(FLOATS, a[aOffset + STRIDE + k]);
      c10 = (FloatVector) FLOAT_CLASS.cast(a1.fma(b0, (FloatVector) FLOAT_CLASS.cast(c10)));
      c11 = (FloatVector) FLOAT_CLASS.cast(a1.fma(b1, (FloatVector) FLOAT_CLASS.cast(c11)));
      FloatVector a2 = FloatVector.broadcast(FLOATS, a[aOffset + 2 * STRIDE + k]);
      c20 = (FloatVector) FLOAT_CLASS.cast(a2.fma(b0, (FloatVector) FLOAT_CLASS.cast(c20)));
      c21 = (FloatVector) FLOAT_CLASS.cast(a2.fma(b1, (FloatVector) FLOAT_CLASS.cast(c21)));
      FloatVector a3 = FloatVector.broadcast(FLOATS, a[aOffset + 3 * STRIDE + k]);
      c30 = (FloatVector) FLOAT_CLASS.cast(a3.fma(b0, (FloatVector) FLOAT_CLASS.cast(c30)));
      c31 = (FloatVector) FLOAT_CLASS.cast(a3.fma(b1, (FloatVector) FLOAT_CLASS.cast(c31)));
    }
    ((FloatVector) FLOAT_CLASS.cast(c00)).intoArray(c, cOffset);
    ((FloatVector) FLOAT_CLASS.cast(c01)).intoArray(c, cOffset + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c10)).intoArray(c, cOffset + PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c11)).intoArray(c, cOffset + PANEL + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c20)).intoArray(c, cOffset + 2 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c21)).intoArray(c, cOffset + 2 * PANEL + LANES);
    ((FloatVector) FLOAT_CLASS.cast(c30)).intoArray(c, cOffset + 3 * PANEL);
    ((FloatVector) FLOAT_CLASS.cast(c31)).intoArray(c, cOffset + 3 * PANEL + LANES);
  }
}
