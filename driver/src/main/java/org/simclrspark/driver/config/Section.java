package org.simclrspark.driver.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigMemorySize;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Reads the keys of one section. A value that is not allowed is noted, and the default is read in
 * its place, so that one pass finds every mistake.
 */
final class Section {

  private final Config values;
  private final Config defaults;
  private final String path;
  private final Problems problems;

  /**
   * Makes the reader of a section.
   *
   * @param values everything under {@code simclr}, complete
   * @param defaults the same from {@code reference.conf} alone
   * @param path of the section; empty for the root
   */
  Section(Config values, Config defaults, String path, Problems problems) {
    this.values = values;
    this.defaults = defaults;
    this.path = path;
    this.problems = problems;
  }

  Section section(String name) {
    return new Section(values, defaults, key(name), problems);
  }

  /** The whole path of a key of this section. */
  String key(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  int integer(String name, Range range) {
    return required(name, "an integer " + range.text(), value -> toInteger(value, range));
  }

  Optional<Integer> optionalInteger(String name, Range range) {
    return optional(name, "an integer " + range.text(), value -> toInteger(value, range));
  }

  /** One of a few integers. */
  int integerOf(String name, List<Integer> allowed) {
    String names = allowed.stream().map(String::valueOf).collect(Collectors.joining(", "));
    return required(
        name,
        "one of " + names,
        value -> {
          int number = toNumber(value).intValueExact();
          if (!allowed.contains(number)) {
            throw new IllegalArgumentException("Not one of these");
          }
          return number;
        });
  }

  /** One of a few words. */
  String oneOf(String name, List<String> allowed) {
    return required(
        name,
        "one of " + String.join(", ", allowed),
        value -> {
          String word = toText(value);
          if (!allowed.contains(word)) {
            throw new IllegalArgumentException("Not one of these");
          }
          return word;
        });
  }

  /** Any 64-bit integer. */
  long longInteger(String name) {
    return required(name, "an integer of 64 bits", value -> toNumber(value).longValueExact());
  }

  double real(String name, Range range) {
    return required(name, "a number " + range.text(), value -> toReal(value, range));
  }

  Optional<Double> optionalReal(String name, Range range) {
    return optional(name, "a number " + range.text(), value -> toReal(value, range));
  }

  /** Two numbers, the second at least as large as the first. */
  Optional<Interval> optionalInterval(String name, Range range) {
    return optional(
        name,
        "a list of two numbers " + range.text() + ", the smaller first",
        value -> toInterval(value, range));
  }

  boolean flag(String name) {
    return required(name, "true or false", Section::toFlag);
  }

  <E extends Enum<E>> E choice(String name, Class<E> type) {
    return required(name, "one of " + Names.all(type), value -> toChoice(value, type));
  }

  String text(String name, String what) {
    return required(name, what, Section::toText);
  }

  Optional<String> optionalText(String name, String what) {
    return optionalText(name, what, text -> true);
  }

  /** A text that may be null, and else must be of a kind. */
  Optional<String> optionalText(String name, String what, Predicate<String> allowed) {
    return optional(
        name,
        what,
        value -> {
          String text = toText(value);
          if (!allowed.test(text)) {
            throw new IllegalArgumentException("Not of the kind");
          }
          return text;
        });
  }

  /** A size in bytes, such as {@code 512 MiB}. */
  long bytes(String name) {
    return required(name, "a size such as 512MiB or 2GiB", Section::toBytes);
  }

  /** A size in bytes within bounds, both of which are allowed. */
  long bytes(String name, long low, long high) {
    return required(
        name,
        "a size such as 64MiB, from " + low + " byte to " + (high >> 20) + " MiB",
        value -> {
          long size = toBytes(value);
          if (size < low || size > high) {
            throw new IllegalArgumentException("Out of range");
          }
          return size;
        });
  }

  /** Notes a mistake that lies in how several keys go together. */
  void reject(String name, String statement, String remedy) {
    problems.add(value(values, key(name)).origin(), key(name), statement, remedy);
  }

  private <T> T required(String name, String allowed, Function<ConfigValue, T> read) {
    return this.<T>optional(name, allowed, read)
        .orElseGet(
            () -> {
              ConfigValue standard = value(defaults, key(name));
              if (problems.none(key(name))) {
                String remedy =
                    isNull(standard)
                        ? "Set it in the configuration file or with --set " + key(name) + "=VALUE."
                        : "Correct it, or leave it out for the default, " + render(standard) + ".";
                ConfigValue found = value(values, key(name));
                problems.add(
                    found.origin(), key(name), "must be " + allowed + ", found no value", remedy);
              }
              return isNull(standard) ? null : read.apply(standard);
            });
  }

  private <T> Optional<T> optional(String name, String allowed, Function<ConfigValue, T> read) {
    ConfigValue found = value(values, key(name));
    if (isNull(found)) {
      return Optional.empty();
    }
    try {
      return Optional.of(read.apply(found));
    } catch (IllegalArgumentException | ArithmeticException e) {
      ConfigValue standard = value(defaults, key(name));
      String remedy =
          isNull(standard)
              ? "Correct it, or leave it out."
              : "Correct it, or leave it out for the default, " + render(standard) + ".";
      problems.add(
          found.origin(), key(name), "must be " + allowed + ", found " + render(found), remedy);
      return isNull(standard) ? Optional.empty() : Optional.of(read.apply(standard));
    }
  }

  private static ConfigValue value(Config config, String key) {
    return Keys.find(config.root(), key)
        .orElseThrow(() -> new IllegalArgumentException("No such key in reference.conf: " + key));
  }

  private static boolean isNull(ConfigValue value) {
    return value.valueType() == ConfigValueType.NULL;
  }

  static String render(ConfigValue value) {
    return value.render(ConfigRenderOptions.concise());
  }

  private static String toText(ConfigValue value) {
    if (value.valueType() == ConfigValueType.OBJECT || value.valueType() == ConfigValueType.LIST) {
      throw new IllegalArgumentException("Not a text");
    }
    String text = String.valueOf(value.unwrapped()).strip();
    if (text.isEmpty()) {
      throw new IllegalArgumentException("Empty");
    }
    return text;
  }

  private static BigDecimal toNumber(ConfigValue value) {
    return new BigDecimal(toText(value));
  }

  private static int toInteger(ConfigValue value, Range range) {
    int number = toNumber(value).intValueExact();
    if (!range.contains(number)) {
      throw new IllegalArgumentException("Out of range");
    }
    return number;
  }

  private static double toReal(ConfigValue value, Range range) {
    double number = toNumber(value).doubleValue();
    if (!range.contains(number)) {
      throw new IllegalArgumentException("Out of range");
    }
    return number;
  }

  private static Interval toInterval(ConfigValue value, Range range) {
    if (!(value instanceof List<?> list) || list.size() != 2) {
      throw new IllegalArgumentException("Not a list of two");
    }
    double low = toReal((ConfigValue) list.get(0), range);
    double high = toReal((ConfigValue) list.get(1), range);
    if (high < low) {
      throw new IllegalArgumentException("Not in order");
    }
    return new Interval(low, high);
  }

  private static boolean toFlag(ConfigValue value) {
    return switch (toText(value)) {
      case "true", "yes", "on" -> true;
      case "false", "no", "off" -> false;
      default -> throw new IllegalArgumentException("Not a flag");
    };
  }

  private static <E extends Enum<E>> E toChoice(ConfigValue value, Class<E> type) {
    String name = toText(value);
    for (E constant : type.getEnumConstants()) {
      if (Names.of(constant).equals(name)) {
        return constant;
      }
    }
    throw new IllegalArgumentException("Not one of the names");
  }

  private static long toBytes(ConfigValue value) {
    try {
      ConfigMemorySize size = value.atKey("size").getMemorySize("size");
      return size.toBytesBigInteger().longValueExact();
    } catch (ConfigException e) {
      throw new IllegalArgumentException("Not a size", e);
    }
  }
}
