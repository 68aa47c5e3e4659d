package org.simclrspark.driver.report;

import java.util.List;
import java.util.TreeMap;
import java.util.function.BinaryOperator;

/**
 * Values by step, a bounded number of them: when more come, those of neighbouring steps are merged
 * pair by pair, and each stands for twice as many steps. What is left depends on the values alone,
 * not on when they came.
 *
 * @param <T> of the values
 */
final class Thinned<T> {

  private final int most;
  private final BinaryOperator<T> merge;
  private TreeMap<Long, T> values = new TreeMap<>();
  private long width = 1;

  /**
   * Makes it empty.
   *
   * @param most values that are kept
   * @param merge makes one value of two, the earlier first
   */
  Thinned(int most, BinaryOperator<T> merge) {
    this.most = most;
    this.merge = merge;
  }

  /** Adds the value of a step; steps come in their order. */
  void add(long step, T value) {
    values.merge(step / width, value, merge);
    while (values.size() > most) {
      width *= 2;
      TreeMap<Long, T> wider = new TreeMap<>();
      values.forEach((key, old) -> wider.merge(key / 2, old, merge));
      values = wider;
    }
  }

  /** The values, in the order of their steps. */
  List<T> values() {
    return List.copyOf(values.values());
  }

  /** The value that holds the last step, or null. */
  T last() {
    return values.isEmpty() ? null : values.lastEntry().getValue();
  }
}
