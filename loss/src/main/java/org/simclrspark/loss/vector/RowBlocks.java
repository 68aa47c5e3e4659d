package org.simclrspark.loss.vector;

import static org.simclrspark.loss.vector.BlockProduct.PANEL;
import static org.simclrspark.loss.vector.BlockProduct.STRIDE;
import static org.simclrspark.loss.vector.VectorTypes.FLOATS;
import static org.simclrspark.loss.vector.VectorTypes.FLOAT_CLASS;
import static org.simclrspark.loss.vector.VectorTypes.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * The blocks of {@link BlockProduct#ofRows}, one for each number of rows; all have two vectors of
 * columns. The step from k to k is an argument although it is 1: knowing it, the compiler no longer
 * keeps six rows in registers, and they take twice as long.
 */
final class RowBlocks {

  private RowBlocks() {}

  static void eight(
      float[] a,
      int aOffset,
      int aStep,
      float[] b,
      int bOffset,
      int depth,
      float[] c,
      int cOffset) {
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
      FloatVector a1 = FloatVector.broadcast(FLOATS, a[at + STRIDE]);
      c10 = (FloatVector) FLOAT_CLASS.cast(a1.fma(b0, (FloatVector) FLOAT_CLASS.cast(c10)));
      c11 = (FloatVector) FLOAT_CLASS.cast(a1.fma(b1, (FloatVector) FLOAT_CLASS.cast(c11)));
      FloatVector a2 = FloatVector.broadcast(FLOATS, a[at + 2 * STRIDE]);
      c20 = (FloatVector) FLOAT_CLASS.cast(a2.fma(b0, (FloatVector) FLOAT_CLASS.cast(c20)));
      c21 = (FloatVector) FLOAT_CLASS.cast(a2.fma(b1, (FloatVector) FLOAT_CLASS.cast(c21)));
      FloatVector a3 = FloatVector.broadcast(FLOATS, a[at + 3 * STRIDE]);
      c30 = (FloatVector) FLOAT_CLASS.cast(a3.fma(b0, (FloatVector) FLOAT_CLASS.cast(c30)));
      c31 = (FloatVector) FLOAT_CLASS.cast(a3.fma(b1, (FloatVector) FLOAT_CLASS.cast(c31)));
      FloatVector a4 = FloatVector.broadcast(FLOATS, a[at + 4 * STRIDE]);
      c40 = (FloatVector) FLOAT_CLASS.cast(a4.fma(b0, (FloatVector) FLOAT_CLASS.cast(c40)));
      c41 = (FloatVector) FLOAT_CLASS.cast(a4.fma(b1, (FloatVector) FLOAT_CLASS.cast(c41)));
      FloatVector a5 = FloatVector.broadcast(FLOATS, a[at + 5 * STRIDE]);
      c50 = (FloatVector) FLOAT_CLASS.cast(a5.fma(b0, (FloatVector) FLOAT_CLASS.cast(c50)));
      c51 = (FloatVector) FLOAT_CLASS.cast(a5.fma(b1, (FloatVector) FLOAT_CLASS.cast(c51)));
      FloatVector a6 = FloatVector.broadcast(FLOATS, a[at + 6 * STRIDE]);
      c60 = (FloatVector) FLOAT_CLASS.cast(a6.fma(b0, (FloatVector) FLOAT_CLASS.cast(c60)));
      c61 = (FloatVector) FLOAT_CLASS.cast(a6.fma(b1, (FloatVector) FLOAT_CLASS.cast(c61)));
      FloatVector a7 = FloatVector.broadcast(FLOATS, a[at + 7 * STRIDE]);
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

  static void six(
      float[] a,
      int aOffset,
      int aStep,
      float[] b,
      int bOffset,
      int depth,
      float[] c,
      int cOffset) {
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
    int at = aOffset;
    for (int k = 0; k < depth; k++, at += aStep) {
      FloatVector b0 = FloatVector.fromArray(FLOATS, b, bOffset + k * PANEL);
      FloatVector b1 = FloatVector.fromArray(FLOATS, b, bOffset + k * PANEL + LANES);
      FloatVector a0 = FloatVector.broadcast(FLOATS, a[at]);
      c00 = (FloatVector) FLOAT_CLASS.cast(a0.fma(b0, (FloatVector) FLOAT_CLASS.cast(c00)));
      c01 = (FloatVector) FLOAT_CLASS.cast(a0.fma(b1, (FloatVector) FLOAT_CLASS.cast(c01)));
      FloatVector a1 = FloatVector.broadcast(FLOATS, a[at + STRIDE]);
      c10 = (FloatVector) FLOAT_CLASS.cast(a1.fma(b0, (FloatVector) FLOAT_CLASS.cast(c10)));
      c11 = (FloatVector) FLOAT_CLASS.cast(a1.fma(b1, (FloatVector) FLOAT_CLASS.cast(c11)));
      FloatVector a2 = FloatVector.broadcast(FLOATS, a[at + 2 * STRIDE]);
      c20 = (FloatVector) FLOAT_CLASS.cast(a2.fma(b0, (FloatVector) FLOAT_CLASS.cast(c20)));
      c21 = (FloatVector) FLOAT_CLASS.cast(a2.fma(b1, (FloatVector) FLOAT_CLASS.cast(c21)));
      FloatVector a3 = FloatVector.broadcast(FLOATS, a[at + 3 * STRIDE]);
      c30 = (FloatVector) FLOAT_CLASS.cast(a3.fma(b0, (FloatVector) FLOAT_CLASS.cast(c30)));
      c31 = (FloatVector) FLOAT_CLASS.cast(a3.fma(b1, (FloatVector) FLOAT_CLASS.cast(c31)));
      FloatVector a4 = FloatVector.broadcast(FLOATS, a[at + 4 * STRIDE]);
      c40 = (FloatVector) FLOAT_CLASS.cast(a4.fma(b0, (FloatVector) FLOAT_CLASS.cast(c40)));
      c41 = (FloatVector) FLOAT_CLASS.cast(a4.fma(b1, (FloatVector) FLOAT_CLASS.cast(c41)));
      FloatVector a5 = FloatVector.broadcast(FLOATS, a[at + 5 * STRIDE]);
      c50 = (FloatVector) FLOAT_CLASS.cast(a5.fma(b0, (FloatVector) FLOAT_CLASS.cast(c50)));
      c51 = (FloatVector) FLOAT_CLASS.cast(a5.fma(b1, (FloatVector) FLOAT_CLASS.cast(c51)));
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
  }

  static void four(
      float[] a,
      int aOffset,
      int aStep,
      float[] b,
      int bOffset,
      int depth,
      float[] c,
      int cOffset) {
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
      FloatVector a1 = FloatVector.broadcast(FLOATS, a[at + STRIDE]);
      c10 = (FloatVector) FLOAT_CLASS.cast(a1.fma(b0, (FloatVector) FLOAT_CLASS.cast(c10)));
      c11 = (FloatVector) FLOAT_CLASS.cast(a1.fma(b1, (FloatVector) FLOAT_CLASS.cast(c11)));
      FloatVector a2 = FloatVector.broadcast(FLOATS, a[at + 2 * STRIDE]);
      c20 = (FloatVector) FLOAT_CLASS.cast(a2.fma(b0, (FloatVector) FLOAT_CLASS.cast(c20)));
      c21 = (FloatVector) FLOAT_CLASS.cast(a2.fma(b1, (FloatVector) FLOAT_CLASS.cast(c21)));
      FloatVector a3 = FloatVector.broadcast(FLOATS, a[at + 3 * STRIDE]);
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
