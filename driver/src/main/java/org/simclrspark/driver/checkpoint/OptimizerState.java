package org.simclrspark.driver.checkpoint;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the outer optimizer keeps between steps.
 *
 * @param updates number of updates made
 * @param slots arrays by name, for example {@code momentum}; not copied
 */
public record OptimizerState(long updates, SortedMap<String, float[]> slots) {

  public OptimizerState {
    slots = Collections.unmodifiableSortedMap(new TreeMap<>(slots));
    for (String name : slots.keySet()) {
      if (!name.matches("[a-z0-9_-]+")) {
        throw new IllegalArgumentException(
            "A slot's name becomes a file's name and must match [a-z0-9_-]+, found " + name);
      }
    }
  }

  /** The same from any map. */
  public static OptimizerState of(long updates, Map<String, float[]> slots) {
    return new OptimizerState(updates, new TreeMap<>(slots));
  }
}
