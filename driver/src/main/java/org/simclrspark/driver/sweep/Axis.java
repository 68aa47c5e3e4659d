package org.simclrspark.driver.sweep;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.simclrspark.driver.config.ConfigurationException;

/**
 * One axis of a sweep.
 *
 * @param key of the configuration, without {@code simclr.} in front
 * @param values as texts of the command line, numbers in their plain form ({@code 0.1}, not {@code
 *     1e-1})
 */
public record Axis(String key, List<String> values) {

  private static final String ROOT = "simclr.";
  private static final String EXAMPLE = "For example --grid train.batch=256,512.";
  private static final Pattern NUMBER = Pattern.compile("[-+]?[0-9.]+([eE][-+]?[0-9]{1,2})?");

  public Axis {
    values = List.copyOf(values);
  }

  /**
   * Reads {@code key=value,value}; a comma within brackets, braces or quotes belongs to a value.
   *
   * @throws ConfigurationException if it has another form
   */
  static Axis parse(String option) {
    int equals = option.indexOf('=');
    if (equals <= 0) {
      throw new ConfigurationException(
          "--grid: an axis must have the form key=value,value, found " + option + ". " + EXAMPLE);
    }
    String given = option.substring(0, equals).strip();
    String key = given.startsWith(ROOT) ? given.substring(ROOT.length()) : given;
    List<String> values = split(option.substring(equals + 1));
    if (values.contains("")) {
      throw new ConfigurationException(
          "--grid: "
              + key
              + " must have a value before and after every comma, found "
              + option
              + ". "
              + EXAMPLE);
    }
    return new Axis(key, values.stream().map(Axis::plain).toList());
  }

  /** Reads the values that {@link #json} made. */
  static Axis of(String key, List<Object> values) {
    return new Axis(key, values.stream().map(value -> plain(String.valueOf(value))).toList());
  }

  private static List<String> split(String text) {
    List<String> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    int depth = 0;
    boolean quoted = false;
    for (char c : text.toCharArray()) {
      quoted ^= c == '"';
      if (!quoted) {
        depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
      }
      if (c == ',' && depth == 0 && !quoted) {
        parts.add(part.toString().strip());
        part.setLength(0);
      } else {
        part.append(c);
      }
    }
    parts.add(part.toString().strip());
    return parts;
  }

  private static String plain(String value) {
    try {
      return NUMBER.matcher(value).matches()
          ? new BigDecimal(value).stripTrailingZeros().toPlainString()
          : value;
    } catch (NumberFormatException notOne) {
      return value;
    }
  }

  /** A value as JSON holds it: a number where it is one. */
  static Object json(String value) {
    try {
      return NUMBER.matcher(value).matches() ? new BigDecimal(value) : value;
    } catch (NumberFormatException notOne) {
      return value;
    }
  }

  /** The last word of the key, or all of it where another axis ends in the same. */
  String shortKey(List<Axis> all) {
    String last = last(key);
    long same = all.stream().filter(axis -> last(axis.key).equals(last)).count();
    return same == 1 ? last : key;
  }

  private static String last(String key) {
    return key.substring(key.lastIndexOf('.') + 1);
  }
}
