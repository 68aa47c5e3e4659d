package org.simclrspark.data.index;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.Serializable;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Counts what a scan passes over, by kind; mutable. */
public final class LeftOut implements Serializable {
  private final TreeMap<String, Long> kinds = new TreeMap<>();
  private String first;

  public LeftOut() {}

  @JsonCreator
  LeftOut(@JsonProperty("kinds") Map<String, Long> kinds, @JsonProperty("first") String first) {
    this.kinds.putAll(kinds);
    this.first = first;
  }

  /**
   * One more.
   *
   * @param kind such as {@code .ppm}
   * @param name of the file or member
   */
  public void add(String kind, String name) {
    kinds.merge(kind, 1L, Long::sum);
    first = smaller(first, name);
  }

  /** All of another's. */
  public void add(LeftOut other) {
    other.kinds.forEach((kind, count) -> kinds.merge(kind, count, Long::sum));
    first = smaller(first, other.first);
  }

  private static String smaller(String a, String b) {
    return a == null || (b != null && b.compareTo(a) < 0) ? b : a;
  }

  /** Number of things by kind. */
  @JsonProperty("kinds")
  public Map<String, Long> kinds() {
    return Map.copyOf(kinds);
  }

  /** The first by name, or null. */
  @JsonProperty("first")
  public String first() {
    return first;
  }

  /** Whether nothing was left out. */
  public boolean isEmpty() {
    return kinds.isEmpty();
  }

  /** In words: {@code left out 12 files: 8 .ppm, 4 .txt, first cat/a.ppm}. */
  public String describe() {
    long all = kinds.values().stream().mapToLong(Long::longValue).sum();
    String parts =
        kinds.entrySet().stream()
            .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
            .map(kind -> String.format(Locale.ROOT, "%,d %s", kind.getValue(), kind.getKey()))
            .collect(Collectors.joining(", "));
    return String.format(
        Locale.ROOT,
        "left out %,d %s: %s, first %s",
        all,
        all == 1 ? "file" : "files",
        parts,
        first);
  }
}
