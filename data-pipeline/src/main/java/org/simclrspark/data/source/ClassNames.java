package org.simclrspark.data.source;

import java.io.Serializable;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

/** Labels of classes that are known by name: their places in alphabetical order. */
final class ClassNames implements Serializable {
  private final Map<String, Integer> labels = new HashMap<>();

  ClassNames(Collection<String> names) {
    for (String name : new TreeSet<>(names)) {
      labels.put(name, labels.size());
    }
  }

  /** The label, or -1 without a name. */
  int label(String name) {
    return name == null ? -1 : labels.getOrDefault(name, -1);
  }

  /** The first folder of a relative path; null for a file that lies in none. */
  static String folder(String relativePath) {
    int slash = relativePath.indexOf('/');
    return slash < 0 ? null : relativePath.substring(0, slash);
  }
}
