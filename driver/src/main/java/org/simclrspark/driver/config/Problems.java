package org.simclrspark.driver.config;

import com.typesafe.config.ConfigOrigin;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** The mistakes found so far in a configuration. */
final class Problems {

  /** Name of the file that holds the defaults. */
  static final String REFERENCE = "reference.conf";

  /** Origin of values from the command line. */
  static final String COMMAND_LINE = "--set";

  /** Origin of the values of a sweep's axes. */
  static final String GRID = "--grid";

  private static final Pattern LINE_NUMBER = Pattern.compile(":? \\d+(-\\d+)?$");

  private final List<String> lines = new ArrayList<>();
  private final Set<String> keys = new HashSet<>();

  /**
   * Adds a mistake.
   *
   * @param key without the {@code simclr} in front
   * @param statement goes on from the key: what is allowed and what was found
   */
  void add(ConfigOrigin origin, String key, String statement, String remedy) {
    keys.add(key);
    lines.add(line(where(origin), key, statement, remedy));
  }

  static String line(String where, String key, String statement, String remedy) {
    return where + ": " + key + " " + statement + ". " + remedy;
  }

  /** Whether no mistake has been found in any of the keys. */
  boolean none(String... candidates) {
    for (String candidate : candidates) {
      if (keys.contains(candidate)) {
        return false;
      }
    }
    return true;
  }

  void throwIfAny() {
    if (!lines.isEmpty()) {
      throw new ConfigurationException(lines);
    }
  }

  /** File and line, or the option that a value from the command line came with. */
  static String where(ConfigOrigin origin) {
    String description = origin.description();
    for (String option : List.of(COMMAND_LINE, GRID)) {
      if (description.startsWith(option)) {
        return option;
      }
    }
    String file =
        origin.filename() != null
            ? origin.filename()
            : LINE_NUMBER.matcher(description).replaceFirst("");
    if (isDefault(origin)) {
      file = REFERENCE;
    }
    return origin.lineNumber() > 0 ? file + ":" + origin.lineNumber() : file;
  }

  /** Whether a value is a default, not the user's. */
  static boolean isDefault(ConfigOrigin origin) {
    return origin.description().contains(REFERENCE);
  }
}
