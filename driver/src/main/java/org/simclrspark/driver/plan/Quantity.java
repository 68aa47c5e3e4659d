package org.simclrspark.driver.plan;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Rates and sizes as people write them. */
public final class Quantity {

  private static final Pattern RATE = Pattern.compile("([0-9.]+)\\s*([kMGT]?)([bB])/s");
  private static final Map<String, Double> PREFIXES =
      Map.of("", 1.0, "k", 1e3, "M", 1e6, "G", 1e9, "T", 1e12);

  private Quantity() {}

  /**
   * Bytes a second: {@code 10Gb/s} in bits, {@code 200MB/s} in bytes.
   *
   * @throws IllegalArgumentException for anything else
   */
  public static double bytesPerSecond(String text) {
    Matcher matcher = RATE.matcher(text.strip());
    try {
      if (matcher.matches()) {
        double value = Double.parseDouble(matcher.group(1)) * PREFIXES.get(matcher.group(2));
        double bytes = matcher.group(3).equals("b") ? value / 8 : value;
        if (bytes > 0) {
          return bytes;
        }
      }
    } catch (NumberFormatException e) {
      // As any other text that is no rate.
    }
    throw new IllegalArgumentException(
        "must be a rate such as 10Gb/s (bits) or 200MB/s (bytes), found " + text);
  }

  /** Bytes for people, such as 1.5 GB. */
  public static String bytes(double bytes) {
    String[] units = {"B", "kB", "MB", "GB", "TB"};
    int unit = 0;
    double value = bytes;
    while (value >= 1000 && unit < units.length - 1) {
      value /= 1000;
      unit++;
    }
    return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
  }
}
