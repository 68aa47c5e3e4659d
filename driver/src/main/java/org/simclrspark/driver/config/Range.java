package org.simclrspark.driver.config;

import java.math.BigDecimal;

/**
 * The numbers that a key allows.
 *
 * @param low smallest, or the bound below all
 * @param lowIncluded whether {@code low} itself is allowed
 * @param high largest, or the bound above all; may be infinite
 * @param highIncluded whether {@code high} itself is allowed
 */
record Range(double low, boolean lowIncluded, double high, boolean highIncluded) {

  static Range between(double low, double high) {
    return new Range(low, true, high, true);
  }

  static Range above(double low) {
    return new Range(low, false, Double.POSITIVE_INFINITY, false);
  }

  static Range atLeast(double low) {
    return new Range(low, true, Double.POSITIVE_INFINITY, false);
  }

  /** From {@code low}, which is allowed, up to {@code high}, which is not. */
  static Range fromUpTo(double low, double high) {
    return new Range(low, true, high, false);
  }

  /** Above {@code low}, which is not allowed, up to {@code high}, which is. */
  static Range aboveUpTo(double low, double high) {
    return new Range(low, false, high, true);
  }

  boolean contains(double value) {
    return Double.isFinite(value)
        && (lowIncluded ? value >= low : value > low)
        && (highIncluded ? value <= high : value < high);
  }

  /** For example {@code from 0 to below 1}. */
  String text() {
    if (Double.isInfinite(high)) {
      return (lowIncluded ? "of at least " : "above ") + plain(low);
    }
    String from = (lowIncluded ? "from " : "above ") + plain(low);
    String upTo = (highIncluded ? (lowIncluded ? " to " : " up to ") : " to below ") + plain(high);
    return from + upTo;
  }

  private static String plain(double value) {
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }
}
