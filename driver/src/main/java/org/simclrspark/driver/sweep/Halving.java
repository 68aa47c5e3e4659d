package org.simclrspark.driver.sweep;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Successive halving (Jamieson and Talwalkar 2016) among points of equal temperature: at each rung
 * but the last the worse half stops. Points of different temperatures are never compared, for low
 * temperatures win early and lose late (Wang and Liu 2021).
 *
 * <p>What happens to a point follows from the grid and the accuracies alone, so that a sweep that
 * was interrupted goes on as it would have done.
 */
final class Halving {

  private final int rungs;

  /** What is next for a point. */
  enum Fate {
    /** It is to be trained to the rung, or is there. */
    TRAINS,
    /** It is at the rung, and others are not. */
    WAITS,
    /** It was among the worse half at the rung, and is not trained beyond it. */
    STOPS
  }

  /**
   * What is next for a point, and where.
   *
   * @param rung from 0; the last one is the end of the training
   */
  record Verdict(Fate fate, int rung) {}

  /** How good points are. */
  interface Accuracies {

    /** The kNN accuracy at a rung, 0 for a point that failed; empty if it is not there yet. */
    OptionalDouble at(Point point, int rung);
  }

  /**
   * Halves.
   *
   * @param rungs from 1, which stops nothing
   */
  Halving(int rungs) {
    this.rungs = rungs;
  }

  /**
   * The steps at which the rungs of a training are: its half, its quarter and so on, and its end.
   *
   * @return ascending; as many as there are rungs
   */
  long[] steps(long lastStep) {
    long[] steps = new long[rungs];
    for (int rung = 0; rung < rungs; rung++) {
      steps[rung] = Math.max(1, lastStep >> (rungs - 1 - rung));
    }
    return steps;
  }

  /** What is next for each point. */
  Map<Point, Verdict> verdicts(List<Point> points, Accuracies accuracies) {
    Map<Double, Map<String, List<Point>>> groups = new LinkedHashMap<>();
    for (Point point : points) {
      groups
          .computeIfAbsent(point.config().loss().temperature(), t -> new LinkedHashMap<>())
          .computeIfAbsent(point.candidate(), c -> new ArrayList<>())
          .add(point);
    }
    Map<Point, Verdict> verdicts = new LinkedHashMap<>();
    groups.values().forEach(group -> halve(new ArrayList<>(group.values()), accuracies, verdicts));
    return verdicts;
  }

  /**
   * Halves a group.
   *
   * @param candidates the points of each, which differ in their seeds alone
   */
  private void halve(
      List<List<Point>> candidates, Accuracies accuracies, Map<Point, Verdict> verdicts) {
    List<List<Point>> alive = candidates;
    for (int rung = 0; rung < rungs - 1 && alive.size() > 1; rung++) {
      int at = rung;
      if (alive.stream()
          .flatMap(List::stream)
          .anyMatch(point -> accuracies.at(point, at).isEmpty())) {
        alive.stream()
            .flatMap(List::stream)
            .forEach(
                point ->
                    verdicts.put(
                        point,
                        new Verdict(
                            accuracies.at(point, at).isEmpty() ? Fate.TRAINS : Fate.WAITS, at)));
        return;
      }
      // The sort is stable: of two that are equal the one that stands first in the grid goes on.
      List<List<Point>> bestFirst =
          alive.stream()
              .sorted(
                  Comparator.comparingDouble(candidate -> -meanAccuracy(candidate, accuracies, at)))
              .toList();
      int kept = (alive.size() + 1) / 2;
      bestFirst.subList(kept, alive.size()).stream()
          .flatMap(List::stream)
          .forEach(point -> verdicts.put(point, new Verdict(Fate.STOPS, at)));
      alive = bestFirst.subList(0, kept);
    }
    alive.stream()
        .flatMap(List::stream)
        .forEach(point -> verdicts.put(point, new Verdict(Fate.TRAINS, rungs - 1)));
  }

  private static double meanAccuracy(List<Point> candidate, Accuracies accuracies, int rung) {
    return candidate.stream()
        .mapToDouble(point -> accuracies.at(point, rung).orElse(0))
        .average()
        .orElse(0);
  }
}
