package org.simclrspark.driver.sweep;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.simclrspark.driver.config.ConfigurationException;

/**
 * What a sweep was asked for, as {@code sweep.json} keeps it.
 *
 * @param axes in their order
 * @param seeds each a whole grid
 * @param rungs of successive halving; 1: every point is trained to its end
 */
public record Spec(List<Axis> axes, List<Long> seeds, int rungs) {

  static final String AXES = "axes";
  static final String SEEDS = "seeds";
  static final String RUNGS = "rungs";

  public Spec {
    axes = List.copyOf(axes);
    seeds = List.copyOf(seeds);
  }

  /** The values of {@code sweep.json} that say what was asked for. */
  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    Map<String, Object> ofAxes = new LinkedHashMap<>();
    axes.forEach(axis -> ofAxes.put(axis.key(), axis.values().stream().map(Axis::json).toList()));
    json.put(AXES, ofAxes);
    json.put(SEEDS, seeds);
    json.put(RUNGS, rungs);
    return json;
  }

  /** Reads what {@link #json} made; empty if it is not there, or of another form. */
  @SuppressWarnings("unchecked")
  static Optional<Spec> of(Map<String, Object> json) {
    try {
      Map<String, List<Object>> ofAxes = (Map<String, List<Object>>) json.get(AXES);
      List<Object> seeds = (List<Object>) json.get(SEEDS);
      return Optional.of(
          new Spec(
              ofAxes.entrySet().stream()
                  .map(axis -> Axis.of(axis.getKey(), axis.getValue()))
                  .toList(),
              seeds.stream().map(seed -> ((Number) seed).longValue()).toList(),
              ((Number) json.get(RUNGS)).intValue()));
    } catch (ClassCastException | NullPointerException other) {
      return Optional.empty();
    }
  }

  /** The axes as the command line gives them. */
  public List<String> options() {
    return axes.stream().map(axis -> axis.key() + "=" + String.join(",", axis.values())).toList();
  }

  /**
   * Lets a sweep grow by values and seeds, and refuses all other changes.
   *
   * @param before what the sweep in the directory was asked for
   * @param directory for the message
   * @throws ConfigurationException with all changes, each with its remedy
   */
  void requireExtends(Spec before, String directory) {
    List<String> problems = new ArrayList<>();
    Map<String, List<String>> ours =
        axes.stream().collect(Collectors.toMap(Axis::key, Axis::values));
    Set<String> known = before.axes.stream().map(Axis::key).collect(Collectors.toSet());
    for (Axis axis : before.axes) {
      List<String> missing = new ArrayList<>(axis.values());
      missing.removeAll(ours.getOrDefault(axis.key(), List.of()));
      if (!missing.isEmpty()) {
        problems.add(
            changed(
                "--grid: " + axis.key(),
                "keep the values of the sweep in " + directory,
                "without " + String.join(", ", missing),
                "Take --grid " + axis.key() + "=" + String.join(",", axis.values())));
      }
    }
    for (Axis axis : axes) {
      if (!known.contains(axis.key())) {
        problems.add(
            changed(
                "--grid: " + axis.key(),
                "be an axis of the sweep in " + directory,
                "a new one",
                "Leave it out"));
      }
    }
    if (!seeds.containsAll(before.seeds)) {
      problems.add(
          changed(
              "--seeds",
              "keep the seeds of the sweep in " + directory + ", " + before.seeds,
              seeds.toString(),
              "Take --seeds " + before.seeds.size() + " or more, and the same train.seed"));
    }
    if (rungs != before.rungs) {
      problems.add(
          changed(
              "--rungs",
              "be that of the sweep in " + directory + ", " + before.rungs,
              "" + rungs,
              "Take --rungs " + before.rungs));
    }
    if (!problems.isEmpty()) {
      throw new ConfigurationException(problems);
    }
  }

  private static String changed(String what, String rule, String found, String remedy) {
    return what
        + " must "
        + rule
        + ", found "
        + found
        + ". A sweep can grow by values and by seeds, and nothing else of it can change. "
        + remedy
        + ", or choose another --run.";
  }
}
