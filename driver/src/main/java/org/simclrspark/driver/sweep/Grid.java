package org.simclrspark.driver.sweep;

import com.typesafe.config.Config;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.config.SimclrConfig;

/**
 * All points of a sweep: every combination of the axes' values, with every seed. The whole grid
 * comes before the next seed.
 *
 * @param axes in the order of the command line
 * @param seeds each a whole grid
 * @param points their runs, in the order in which they are started
 */
public record Grid(List<Axis> axes, List<Long> seeds, List<Point> points) {

  private static final String OPTION = "--grid: ";
  private static final String SEED = "train.seed";
  private static final int MOST_POINTS = 1000;

  /** What one Spark application is started with cannot differ between its runs. */
  private static final Set<String> OF_APPLICATION = Set.of("worker.threads", "worker.isa");

  public Grid {
    axes = List.copyOf(axes);
    seeds = List.copyOf(seeds);
    points = List.copyOf(points);
  }

  /**
   * Makes the points, and checks all of them.
   *
   * @param file the base configuration
   * @param settings {@code key=value} over the file
   * @param options {@code key=value,value}, an axis each
   * @param seeds how many; they count up from {@code train.seed}
   * @throws ConfigurationException with all mistakes, each with the axis it lies in
   */
  public static Grid of(Config file, List<String> settings, List<String> options, int seeds) {
    List<Axis> axes = axes(options, seeds);
    List<Map<String, String>> combinations = combinations(axes);
    if ((long) combinations.size() * seeds > MOST_POINTS) {
      throw new ConfigurationException(
          "--grid: the points must be at most "
              + MOST_POINTS
              + ", found "
              + (long) combinations.size() * seeds
              + ". Leave values or seeds out.");
    }
    Set<String> problems = new LinkedHashSet<>();
    List<SimclrConfig> configs = new ArrayList<>();
    for (Map<String, String> values : combinations) {
      try {
        configs.add(SimclrConfig.load(file, settings, settings(values, List.of())));
      } catch (ConfigurationException e) {
        e.problems().forEach(problem -> problems.add(ofAxis(problem, values)));
      }
    }
    throwIfAny(problems);
    requireTestImages(configs);
    requireDifferent(combinations, configs);
    List<Point> points = new ArrayList<>();
    long first = configs.get(0).train().seed();
    List<Long> all = LongStream.range(first, first + seeds).boxed().toList();
    for (long seed : all) {
      for (int i = 0; i < configs.size(); i++) {
        Map<String, String> values = combinations.get(i);
        SimclrConfig config =
            seed == first
                ? configs.get(i)
                : SimclrConfig.load(file, settings, settings(values, List.of(SEED + "=" + seed)));
        points.add(new Point(values, Point.candidate(axes, values), config.train().seed(), config));
      }
    }
    return new Grid(axes, all, points);
  }

  /** The configurations of all points. */
  public List<SimclrConfig> configurations() {
    return points.stream().map(Point::config).toList();
  }

  private static List<Axis> axes(List<String> options, int seeds) {
    List<String> problems = new ArrayList<>();
    List<Axis> axes = new ArrayList<>();
    for (String option : options) {
      try {
        axes.add(Axis.parse(option));
      } catch (ConfigurationException e) {
        problems.addAll(e.problems());
      }
    }
    if (options.isEmpty() && seeds == 1) {
      problems.add(
          "--grid: a sweep must have an axis or several seeds, found neither. For example --grid"
              + " train.batch=256,512 --grid loss.temperature=0.1,0.5, or --seeds 3.");
    }
    Set<String> seen = new LinkedHashSet<>();
    for (Axis axis : axes) {
      if (!seen.add(axis.key())) {
        problems.add(
            "--grid: "
                + axis.key()
                + " must be given once, found it again. Put all its values into one --grid.");
      }
      axis.values().stream()
          .filter(value -> axis.values().indexOf(value) != axis.values().lastIndexOf(value))
          .distinct()
          .forEach(
              value ->
                  problems.add(
                      "--grid: "
                          + axis.key()
                          + " must have each value once, found "
                          + value
                          + " again. Leave it out."));
      if (OF_APPLICATION.contains(axis.key()) && axis.values().size() > 1) {
        problems.add(
            "--grid: "
                + axis.key()
                + " must be the same for all points, which one Spark application serves, found "
                + axis.values().size()
                + " values. Make a sweep of each.");
      }
      if (axis.key().equals(SEED) && seeds > 1) {
        problems.add(
            "--grid: train.seed must not be an axis where --seeds is given, found both. Leave one"
                + " of them out.");
      }
    }
    throwIfAny(problems);
    return axes;
  }

  private static void throwIfAny(Iterable<String> problems) {
    List<String> all = new ArrayList<>();
    problems.forEach(all::add);
    if (!all.isEmpty()) {
      throw new ConfigurationException(all);
    }
  }

  /** Every combination, the last axis changing fastest. */
  private static List<Map<String, String>> combinations(List<Axis> axes) {
    List<Map<String, String>> result = List.of(Map.of());
    for (Axis axis : axes) {
      List<Map<String, String>> longer = new ArrayList<>();
      for (Map<String, String> values : result) {
        for (String value : axis.values()) {
          Map<String, String> more = new LinkedHashMap<>(values);
          more.put(axis.key(), value);
          longer.add(more);
        }
      }
      if (longer.size() > MOST_POINTS) {
        throw new ConfigurationException(
            "--grid: the points must be at most "
                + MOST_POINTS
                + ", found more with "
                + axis.key()
                + ". Leave values out.");
      }
      result = longer;
    }
    return result;
  }

  private static List<String> settings(Map<String, String> values, List<String> more) {
    return Stream.concat(
            values.entrySet().stream().map(value -> value.getKey() + "=" + value.getValue()),
            more.stream())
        .toList();
  }

  /**
   * A mistake with the values that it lies in. One that names none of the axes is of the base
   * configuration.
   */
  static String ofAxis(String problem, Map<String, String> values) {
    Map<String, String> named = new LinkedHashMap<>(values);
    named.keySet().removeIf(key -> !problem.contains(key));
    boolean isSaid = problem.startsWith(OPTION);
    if (named.isEmpty() || (isSaid && named.size() == 1)) {
      return problem;
    }
    return OPTION
        + "with "
        + Point.options(named)
        + ": "
        + (isSaid ? problem.substring(OPTION.length()) : problem);
  }

  private static void requireTestImages(List<SimclrConfig> configs) {
    for (SimclrConfig config : configs) {
      if (config.data().test().isEmpty()) {
        throw config.rejected(
            "data.test",
            "must be set for a sweep, which compares its points by their accuracy on test images,"
                + " found null",
            "Give labelled images with --set data.test=PATH.");
      }
    }
  }

  private static void requireDifferent(
      List<Map<String, String>> combinations, List<SimclrConfig> configs) {
    Set<String> problems = new LinkedHashSet<>();
    for (int i = 0; i < configs.size(); i++) {
      for (int j = 0; j < i; j++) {
        if (configs.get(i).hasValuesOf(configs.get(j))) {
          problems.add(twice(combinations.get(j), combinations.get(i)));
        }
      }
    }
    throwIfAny(problems);
  }

  private static String twice(Map<String, String> first, Map<String, String> second) {
    Map<String, String> repeated = new LinkedHashMap<>(second);
    repeated.entrySet().removeIf(value -> value.getValue().equals(first.get(value.getKey())));
    String found =
        repeated.entrySet().stream()
            .map(value -> value.getKey() + "=" + first.get(value.getKey()) + "," + value.getValue())
            .collect(Collectors.joining(" and "));
    return "--grid: every value of an axis must make a configuration of its own, found "
        + found
        + ". Leave one of them out.";
  }
}
