package org.simclrspark.driver.sweep;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.simclrspark.driver.config.SimclrConfig;

/**
 * One run of a sweep.
 *
 * @param values of the axes by key, in the axes' order
 * @param candidate names the values; equal for all seeds
 * @param seed of the run
 * @param config of the run, complete
 */
record Point(Map<String, String> values, String candidate, long seed, SimclrConfig config) {

  private static final int LONGEST_VALUE = 40;

  /** Name of the run's directory, unique in the sweep and the same when the sweep grows. */
  String name() {
    return candidate.isEmpty() ? "seed-" + seed : candidate + "_seed-" + seed;
  }

  /** What sets it apart, for people: {@code batch 256, temperature 0.1, seed 1}. */
  String words(List<Axis> axes) {
    String ofAxes =
        axes.stream()
            .map(axis -> axis.shortKey(axes) + " " + values.get(axis.key()))
            .collect(Collectors.joining(", "));
    return ofAxes + (ofAxes.isEmpty() ? "seed " : ", seed ") + seed;
  }

  /** As the command line gives it: {@code train.batch=256 and loss.temperature=0.1}. */
  static String options(Map<String, String> values) {
    return values.entrySet().stream()
        .map(value -> value.getKey() + "=" + value.getValue())
        .collect(Collectors.joining(" and "));
  }

  /** The name of some values: {@code batch-256_temperature-0.1}. */
  static String candidate(List<Axis> axes, Map<String, String> values) {
    return axes.stream()
        .map(axis -> axis.shortKey(axes) + "-" + safe(values.get(axis.key())))
        .collect(Collectors.joining("_"));
  }

  /**
   * A value in characters that every file system takes; a digest keeps what that would make one.
   */
  private static String safe(String value) {
    String safe = value.replaceAll("[^A-Za-z0-9.-]", "-");
    if (safe.equals(value) && safe.length() <= LONGEST_VALUE) {
      return safe;
    }
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(value.getBytes(UTF_8));
      return safe.substring(0, Math.min(safe.length(), LONGEST_VALUE))
          + "-"
          + HexFormat.of().formatHex(digest, 0, 4);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }
}
