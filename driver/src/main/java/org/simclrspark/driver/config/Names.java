package org.simclrspark.driver.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Names as a configuration spells them. */
final class Names {

  /** The distance up to which a name beside another is likely to be meant. */
  private static final int NEAR = 2;

  private Names() {}

  /** A constant's name in kebab case, for example {@code group-weight-standardised}. */
  static String of(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The names of all constants, for example {@code batch, group}. */
  static String all(Class<? extends Enum<?>> type) {
    return Arrays.stream(type.getEnumConstants()).map(Names::of).collect(Collectors.joining(", "));
  }

  /**
   * What a path may have been meant to be: a near name in its own section, or else the same name in
   * another one, or else a near path.
   */
  static List<String> meant(String path, Collection<String> candidates) {
    String section = section(path);
    List<String> siblings =
        candidates.stream().filter(each -> section(each).equals(section)).toList();
    if (siblings.isEmpty() || section.isEmpty()) {
      return nearest(path, candidates);
    }
    List<String> near =
        nearest(last(path), siblings.stream().map(Names::last).toList(), NEAR).stream()
            .map(name -> section + "." + name)
            .toList();
    return near.isEmpty()
        ? candidates.stream().filter(each -> last(each).equals(last(path))).toList()
        : near;
  }

  /** The keys beside a path, by their last names. */
  static List<String> beside(String path, Collection<String> candidates) {
    String section = section(path);
    return section.isEmpty()
        ? List.of()
        : candidates.stream()
            .filter(each -> section(each).equals(section))
            .map(Names::last)
            .toList();
  }

  /** The candidates with the smallest edit distance, if it is small enough for them to be meant. */
  static List<String> nearest(String name, Collection<String> candidates) {
    return nearest(name, candidates, Math.max(3, name.length() / 2));
  }

  private static List<String> nearest(String name, Collection<String> candidates, int limit) {
    List<String> best = new ArrayList<>();
    int bestDistance = limit;
    for (String candidate : candidates) {
      int distance = Math.min(distance(name, candidate), distance(last(name), last(candidate)) + 1);
      if (distance < bestDistance) {
        best.clear();
        bestDistance = distance;
      }
      if (distance == bestDistance) {
        best.add(candidate);
      }
    }
    return best;
  }

  /**
   * The least number of characters to insert, delete or replace that turns one string into the
   * other (Levenshtein 1966).
   */
  static int distance(String from, String to) {
    int[] previous = new int[to.length() + 1];
    int[] current = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      current[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int replaced = previous[j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(replaced, Math.min(previous[j], current[j - 1]) + 1);
      }
      int[] swap = previous;
      previous = current;
      current = swap;
    }
    return previous[to.length()];
  }

  static String section(String path) {
    return path.substring(0, Math.max(0, path.lastIndexOf('.')));
  }

  private static String last(String path) {
    return path.substring(path.lastIndexOf('.') + 1);
  }
}
