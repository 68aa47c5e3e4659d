package org.simclrspark.loss.vector;

import static org.simclrspark.loss.vector.VectorTypes.FLOATS;
import static org.simclrspark.loss.vector.VectorTypes.FLOAT_CLASS;
import static org.simclrspark.loss.vector.VectorTypes.INTS;
import static org.simclrspark.loss.vector.VectorTypes.INT_CLASS;
import static org.simclrspark.loss.vector.VectorTypes.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * 2^({@value #BIAS} + x) for floats x, by a polynomial in the vector API.
 *
 * <p>2^x = 2^n 2^f with n the nearest integer to x and f in [-1/2, 1/2]; 2^f is a minimax
 * polynomial of degree 6. The relative error is at most 1.2e-7 for x in [-215, 34]. The bias
 * centres that range on what sums of probabilities need: room for a few more terms than one, and as
 * far down as floats reach. From -215 down to -2^21 the result is a positive number under 2^-122.
 * For other values it is meaningless.
 */
public final class Exponential {
  /** Adding it rounds a float under 2^22 to an integer, left in the low bits of the mantissa. */
  private static final float ROUND = 0x1.8p23f;

  /** The binary exponent of the result at 0. */
  public static final int BIAS = 92;

  /** The bits of ROUND with the exponent in them below which results stay where they are. */
  private static final int SMALLEST = Float.floatToRawIntBits(ROUND) - 124 - BIAS;

  // The coefficients of 2^f, times 2^BIAS.
  private static final float C0 = 0x1p92f;
  private static final float C1 = 0x1p92f * 0.6931472f;
  private static final float C2 = 0x1p92f * 0.24022648f;
  private static final float C3 = 0x1p92f * 0.055503324f;
  private static final float C4 = 0x1p92f * 0.009618437f;
  private static final float C5 = 0x1p92f * 0.0013398874f;
  private static final float C6 = 0x1p92f * 1.5353362e-4f;

  private Exponential() {}

  /**
   * Computes 2^(BIAS + factor * x - shift) of consecutive floats.
   *
   * @param count how many, a multiple of the lanes
   */
  public static void exp2(
      float[] x, int xOffset, float factor, float shift, float[] y, int yOffset, int count) {
    FloatVector factors = FloatVector.broadcast(FLOATS, factor);
    FloatVector offsets = FloatVector.broadcast(FLOATS, -shift);
    FloatVector round = FloatVector.broadcast(FLOATS, ROUND);
    IntVector smallest = IntVector.broadcast(INTS, SMALLEST);
    FloatVector c0 = FloatVector.broadcast(FLOATS, C0);
    FloatVector c1 = FloatVector.broadcast(FLOATS, C1);
    FloatVector c2 = FloatVector.broadcast(FLOATS, C2);
    FloatVector c3 = FloatVector.broadcast(FLOATS, C3);
    FloatVector c4 = FloatVector.broadcast(FLOATS, C4);
    FloatVector c5 = FloatVector.broadcast(FLOATS, C5);
    FloatVector c6 = FloatVector.broadcast(FLOATS, C6);
    for (int i = 0; i < count; i += LANES) {
      FloatVector t = FloatVector.fromArray(FLOATS, x, xOffset + i);
      t = (FloatVector) FLOAT_CLASS.cast(t.fma(factors, offsets));
      FloatVector rounded = (FloatVector) FLOAT_CLASS.cast(t.add(round));
      FloatVector f = (FloatVector) FLOAT_CLASS.cast(rounded.sub(round));
      f = (FloatVector) FLOAT_CLASS.cast(t.sub(f));
      FloatVector p = (FloatVector) FLOAT_CLASS.cast(c6.fma(f, c5));
      p = (FloatVector) FLOAT_CLASS.cast(p.fma(f, c4));
      p = (FloatVector) FLOAT_CLASS.cast(p.fma(f, c3));
      p = (FloatVector) FLOAT_CLASS.cast(p.fma(f, c2));
      p = (FloatVector) FLOAT_CLASS.cast(p.fma(f, c1));
      p = (FloatVector) FLOAT_CLASS.cast(p.fma(f, c0));
      IntVector n = (IntVector) INT_CLASS.cast(rounded.reinterpretAsInts());
      n = (IntVector) INT_CLASS.cast(n.max(smallest));
      n = (IntVector) INT_CLASS.cast(n.lanewise(VectorOperators.LSHL, 23));
      IntVector bits = (IntVector) INT_CLASS.cast(p.reinterpretAsInts());
      bits = (IntVector) INT_CLASS.cast(bits.add(n));
      FloatVector result = (FloatVector) FLOAT_CLASS.cast(bits.reinterpretAsFloats());
      result.intoArray(y, yOffset + i);
    }
  }
}
