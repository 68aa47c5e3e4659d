package org.simclrspark.data.index;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Counts what a scan passes over, files by kind and whatever else by remark; mutable. */
public final class LeftOut implements Serializable {
  /** Kinds that are told by name. */
  private static final int TOLD = 8;

  private final TreeMap<String, Long> kinds = new TreeMap<>();
  private final TreeMap<String, Remark> remarks = new TreeMap<>();
  private String first;

  /**
   * Something other than a file that was passed over, or a choice that was made.
   *
   * @param count how often
   * @param first the first name
   */
  record Remark(long count, String first) implements Serializable {
    Remark and(Remark other) {
      return new Remark(count + other.count, smaller(first, other.first));
    }
  }

  public LeftOut() {}

  @JsonCreator
  LeftOut(
      @JsonProperty("kinds") Map<String, Long> kinds,
      @JsonProperty("first") String first,
      @JsonProperty("remarks") Map<String, Remark> remarks) {
    this.kinds.putAll(kinds);
    this.first = first;
    this.remarks.putAll(remarks);
  }

  /**
   * One more file.
   *
   * @param kind such as {@code .ppm}
   * @param name of the file or member
   */
  public void add(String kind, String name) {
    kinds.merge(kind, 1L, Long::sum);
    first = smaller(first, name);
  }

  /**
   * Something other than a file.
   *
   * @param remark what is to say, such as {@code links to a folder above}
   * @param name of what it is said
   */
  public void addRemark(String remark, String name) {
    remarks.merge(remark, new Remark(1, name), Remark::and);
  }

  /** All of another's. */
  public void add(LeftOut other) {
    other.kinds.forEach((kind, count) -> kinds.merge(kind, count, Long::sum));
    other.remarks.forEach((remark, names) -> remarks.merge(remark, names, Remark::and));
    first = smaller(first, other.first);
  }

  private static String smaller(String a, String b) {
    return a == null || (b != null && b.compareTo(a) < 0) ? b : a;
  }

  /** Number of files by kind. */
  @JsonProperty("kinds")
  public Map<String, Long> kinds() {
    return Map.copyOf(kinds);
  }

  /** The first file by name, or null. */
  @JsonProperty("first")
  public String first() {
    return first;
  }

  @JsonProperty("remarks")
  Map<String, Remark> remarks() {
    return Map.copyOf(remarks);
  }

  /** Whether there is nothing to say. */
  @JsonIgnore
  public boolean isEmpty() {
    return kinds.isEmpty() && remarks.isEmpty();
  }

  /**
   * In one line of words: {@code left out 12 files: 8 .ppm, 4 .txt, first cat/a.ppm; dog holds no
   * image}.
   */
  public String describe() {
    List<String> parts = new ArrayList<>();
    if (!kinds.isEmpty()) {
      parts.add(describeFiles());
    }
    remarks.forEach(
        (remark, names) ->
            parts.add(
                names.count == 1
                    ? names.first + " " + remark
                    : String.format(
                        Locale.ROOT, "%s and %,d more: %s", names.first, names.count - 1, remark)));
    return String.join("; ", parts).replaceAll("\\p{Cntrl}", "?");
  }

  private String describeFiles() {
    long all = kinds.values().stream().mapToLong(Long::longValue).sum();
    String told =
        kinds.entrySet().stream()
            .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
            .limit(TOLD)
            .map(kind -> String.format(Locale.ROOT, "%,d %s", kind.getValue(), kind.getKey()))
            .collect(Collectors.joining(", "));
    return String.format(
        Locale.ROOT,
        "left out %,d %s: %s%s, first %s",
        all,
        all == 1 ? "file" : "files",
        told,
        kinds.size() > TOLD ? " and other kinds" : "",
        first);
  }
}
