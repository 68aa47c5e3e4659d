package org.simclrspark.loss;

import static org.simclrspark.loss.TileKernels.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * 2^({@value #BIAS} + x) for a float vector x, by a polynomial.
 *
 * <p>2^x = 2^n 2^f with n the nearest integer to x and f in [-1/2, 1/2]; 2^f is a minimax
 * polynomial of degree 6. The relative error is at most 1.2e-7 for x in [-217, 34]. The bias
 * centres that range on what sums of probabilities need: room for a few more terms than one, and as
 * far down as floats reach. Below, the result is a number under 2^-124, never negative. Above 35,
 * or for NaN, it is meaningless.
 */
final class Exponential {
  /** Adding it rounds a float under 2^22 to an integer, left in the low bits of the mantissa. */
  private static final float ROUND = 0x1.8p23f;

  /** The binary exponent of the result at 0. */
  static final int BIAS = 92;

  private static final float SMALLEST = -126 - BIAS;

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
    FloatVector clamped = x.max(SMALLEST);
    FloatVector rounded = clamped.add(ROUND);
    FloatVector f = clamped.sub(rounded.sub(ROUND));
    FloatVector p = FloatVector.broadcast(SPECIES, C6).fma(f, FloatVector.broadcast(SPECIES, C5));
    p = p.fma(f, FloatVector.broadcast(SPECIES, C4));
    p = p.fma(f, FloatVector.broadcast(SPECIES, C3));
    p = p.fma(f, FloatVector.broadcast(SPECIES, C2));
    p = p.fma(f, FloatVector.broadcast(SPECIES, C1));
    p = p.fma(f, FloatVector.broadcast(SPECIES, C0));
    return p.reinterpretAsInts()
        .add(rounded.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
        .reinterpretAsFloats();
  }
}
