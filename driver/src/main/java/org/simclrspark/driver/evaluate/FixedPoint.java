package org.simclrspark.driver.evaluate;

import java.io.Serializable;

/**
 * Numbers as whole multiples of a power of two. Their sums have no rounding, and so the same bits
 * in any order: wherever blocks lie and however many tasks add them.
 *
 * @param inOne how many of the power of two make 1
 */
record FixedPoint(double inOne) implements Serializable {

  /** Bits of a sum; one more is left for what rounding adds. */
  private static final int BITS = 61;

  /** The finest numbers whose sums stay in range where they are at most {@code bound}. */
  static FixedPoint upTo(double bound) {
    int exponent = BITS - 1 - Math.getExponent(Math.max(bound, Double.MIN_NORMAL));
    return new FixedPoint(Math.scalb(1.0, Math.min(exponent, Double.MAX_EXPONENT)));
  }

  long of(double value) {
    return (long) Math.rint(value * inOne);
  }

  double value(long multiples) {
    return multiples / inOne;
  }

  /** Adds to the first of two sums. */
  static long[] add(long[] sums, long[] others) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += others[i];
    }
    return sums;
  }
}
