package org.simclrspark.loss;

import static org.simclrspark.loss.VectorTypes.FLOATS;
import static org.simclrspark.loss.VectorTypes.FLOAT_CLASS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * 2^({@value #BIAS} + x) for a float vector x, by a polynomial.
 *
 * <p>2^x = 2^n 2^f with n the nearest integer to x and f in [-1/2, 1/2]; 2^f is a minimax
 * polynomial of degree 6. The relative error is at most 1.2e-7 for x in [-215, 34]. The bias
 * centres that range on what sums of probabilities need: room for a few more terms than one, and as
 * far down as floats reach. From -215 down to -2^21 the result is a positive number under 2^-122.
 * For other values it is meaningless.
 */
final class Exponential {
  /** Adding it rounds a float under 2^22 to an integer, left in the low bits of the mantissa. */
  private static final float ROUND = 0x1.8p23f;

  /** The binary exponent of the result at 0. */
  static final int BIAS = 92;

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

  static FloatVector exp2(FloatVector x) {
    FloatVector rounded = x.add(ROUND);
    FloatVector f = x.sub(rounded.sub(ROUND));
    FloatVector p = FloatVector.broadcast(FLOATS, C6).fma(f, FloatVector.broadcast(FLOATS, C5));
    p = p.fma(f, FloatVector.broadcast(FLOATS, C4));
    p = p.fma(f, FloatVector.broadcast(FLOATS, C3));
    p = p.fma(f, FloatVector.broadcast(FLOATS, C2));
    p = p.fma(f, FloatVector.broadcast(FLOATS, C1));
    p = p.fma(f, FloatVector.broadcast(FLOATS, C0));
    IntVector n = rounded.reinterpretAsInts().max(SMALLEST);
    FloatVector result =
        p.reinterpretAsInts().add(n.lanewise(VectorOperators.LSHL, 23)).reinterpretAsFloats();
    return (FloatVector) FLOAT_CLASS.cast(result);
  }
}
