package org.simclrspark.data.prepare;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Consecutive parts that one task writes.
 *
 * @param from first part
 * @param to the part behind the last
 */
record PartRange(int from, int to) implements Serializable {

  /**
   * What tasks write. Images that can be read one by one make a task a part; others are read from
   * the beginning of their unit on, so that a task takes as many parts as a unit has, one after the
   * other.
   *
   * @param missing parts, ascending
   * @param units that have to be read from their beginnings, or 0
   */
  static List<PartRange> of(List<Integer> missing, int units) {
    int longest = units == 0 ? 1 : (missing.size() + units - 1) / units;
    List<PartRange> ranges = new ArrayList<>();
    for (int part : missing) {
      PartRange last = ranges.isEmpty() ? null : ranges.get(ranges.size() - 1);
      if (last != null && last.to == part && last.to - last.from < longest) {
        ranges.set(ranges.size() - 1, new PartRange(last.from, part + 1));
      } else {
        ranges.add(new PartRange(part, part + 1));
      }
    }
    return ranges;
  }
}
