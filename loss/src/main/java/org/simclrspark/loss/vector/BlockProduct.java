package org.simclrspark.loss.vector;

import static org.simclrspark.loss.vector.VectorTypes.LANES;

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

  /** Rows of the largest block. */
  public static final int ROWS = 8;

  /** Columns of a block; divides a panel. */
  public static final int COLUMNS = 2 * LANES;

  private BlockProduct() {}

  /**
   * Rows of the next block: 8 where CPUs have 32 vector registers, else 6 (9 percent faster than
   * 4), or 4 where sixes do not come out even.
   *
   * @param left rows to multiply, a multiple of 8, or what this has left of them
   */
  public static int rows(int left) {
    if (WIDE) {
      return ROWS;
    }
    return left % 6 == 0 ? 6 : 4;
  }

  /**
   * The product where the rows of a lie side by side.
   *
   * @param rows of the block, as {@link #rows} has them
   * @param aOffset where a_00 is; the next row is beside it, the next k {@code aStep} further
   * @param bOffset where b_00 is
   * @param depth how many k
   * @param c receives the block from {@code cOffset} on, its rows {@code cRow} apart
   */
  public static void ofColumns(
      int rows,
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
      ColumnBlocks.eight(a, aOffset, aStep, b, bOffset, depth, c, cOffset, cRow);
    } else if (rows == 6) {
      ColumnBlocks.six(a, aOffset, aStep, b, bOffset, depth, c, cOffset, cRow);
    } else {
      ColumnBlocks.four(a, aOffset, aStep, b, bOffset, depth, c, cOffset, cRow);
    }
  }

  /**
   * The product where the rows of a lie {@link #STRIDE} apart.
   *
   * @param rows of the block, as {@link #rows} has them
   * @param aOffset where a_00 is; the next k is beside it
   * @param bOffset where b_00 is
   * @param depth how many k
   * @param c receives the block from {@code cOffset} on, its rows {@link #PANEL} apart
   */
  public static void ofRows(
      int rows, float[] a, int aOffset, float[] b, int bOffset, int depth, float[] c, int cOffset) {
    if (WIDE) {
      RowBlocks.eight(a, aOffset, 1, b, bOffset, depth, c, cOffset);
    } else if (rows == 6) {
      RowBlocks.six(a, aOffset, 1, b, bOffset, depth, c, cOffset);
    } else {
      RowBlocks.four(a, aOffset, 1, b, bOffset, depth, c, cOffset);
    }
  }
}
