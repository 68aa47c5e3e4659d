package org.simclrspark.driver.sweep;

import java.util.List;
import java.util.Locale;

/**
 * Mean and standard deviation of a number over the seeds of a candidate.
 *
 * @param count of seeds that have it
 * @param mean of them; NaN without any
 * @param deviation the sample's, with count - 1 below; NaN for less than two
 */
record Statistic(int count, double mean, double deviation) {

  static Statistic of(List<Double> values) {
    int count = values.size();
    double mean = values.stream().mapToDouble(Double::doubleValue).sum() / count;
    double squares = values.stream().mapToDouble(value -> (value - mean) * (value - mean)).sum();
    return new Statistic(
        count,
        count == 0 ? Double.NaN : mean,
        count < 2 ? Double.NaN : Math.sqrt(squares / (count - 1)));
  }

  boolean isKnown() {
    return count > 0;
  }

  /** As a percentage: {@code 38.2 %}, with more than one seed {@code 38.2 ± 0.4 %}. */
  String percent() {
    return isKnown() ? text(100, 1) + " %" : "";
  }

  /** As it is: {@code 4.52}, with more than one seed {@code 4.52 ± 0.03}. */
  String plain() {
    return isKnown() ? text(1, 2) : "";
  }

  private String text(double factor, int digits) {
    String number = "%." + digits + "f";
    String middle = String.format(Locale.ROOT, number, factor * mean);
    return count < 2
        ? middle
        : middle + " ± " + String.format(Locale.ROOT, number, factor * deviation);
  }
}
