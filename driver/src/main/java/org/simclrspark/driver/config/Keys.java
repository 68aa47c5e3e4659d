package org.simclrspark.driver.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The keys of a configuration, those without a value included. */
final class Keys {

  private Keys() {}

  /** The value at a path, which may be null's. */
  static Optional<ConfigValue> find(ConfigObject root, String path) {
    ConfigValue found = root;
    for (String name : ConfigUtil.splitPath(path)) {
      if (!(found instanceof ConfigObject object) || !object.containsKey(name)) {
        return Optional.empty();
      }
      found = object.get(name);
    }
    return Optional.of(found);
  }

  /** The values of all keys by path, in the paths' order. */
  static Map<String, ConfigValue> leaves(ConfigObject root) {
    Map<String, ConfigValue> result = new TreeMap<>();
    collectLeaves(root, "", result);
    return result;
  }

  private static void collectLeaves(
      ConfigObject object, String prefix, Map<String, ConfigValue> result) {
    object.forEach(
        (name, value) -> {
          String path = prefix + name;
          if (value instanceof ConfigObject inner && !inner.isEmpty()) {
            collectLeaves(inner, path + ".", result);
          } else {
            result.put(path, value);
          }
        });
  }

  /**
   * Notes keys that the defaults lack, and values in place of sections.
   *
   * @return their paths, as {@link ConfigUtil#splitPath} reads them
   */
  static List<String> check(ConfigObject given, ConfigObject defaults, Problems problems) {
    Set<String> known = leaves(defaults).keySet();
    Set<String> sections = new TreeSet<>();
    for (String key : known) {
      for (int dot = key.indexOf('.'); dot >= 0; dot = key.indexOf('.', dot + 1)) {
        sections.add(key.substring(0, dot));
      }
    }
    List<String> rejected = new ArrayList<>();
    check(given, "", known, sections, problems, rejected);
    return rejected;
  }

  private static void check(
      ConfigObject object,
      String prefix,
      Set<String> known,
      Set<String> sections,
      Problems problems,
      List<String> rejected) {
    object.forEach(
        (name, value) -> {
          String path = prefix + name;
          if (name.contains(".")) {
            rejected.add(prefix + ConfigUtil.joinPath(name));
            problems.add(
                value.origin(),
                prefix + '"' + name + '"',
                "is one name in quotes, not a path",
                "Write " + path + " without them.");
            return;
          }
          if (known.contains(path)) {
            return;
          }
          if (sections.contains(path)) {
            if (value instanceof ConfigObject inner) {
              check(inner, path + ".", known, sections, problems, rejected);
            } else {
              rejected.add(prefix + ConfigUtil.joinPath(name));
              problems.add(
                  value.origin(),
                  path,
                  "must be a section with keys of its own, found " + Section.render(value),
                  "Write " + path + " { ... }.");
            }
            return;
          }
          rejected.add(prefix + ConfigUtil.joinPath(name));
          problems.add(
              value.origin(),
              path,
              "is not a known key",
              remedy(path, value instanceof ConfigObject ? sections : known));
        });
  }

  private static String remedy(String path, Set<String> candidates) {
    List<String> meant = Names.meant(path, candidates);
    if (!meant.isEmpty()) {
      return "Did you mean " + String.join(" or ", meant) + "?";
    }
    List<String> beside = Names.beside(path, candidates);
    return beside.isEmpty()
        ? "Leave it out; the README lists all keys."
        : "The keys of " + Names.section(path) + " are " + String.join(", ", beside) + ".";
  }
}
