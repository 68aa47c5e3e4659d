package org.simclrspark.driver.sweep;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.simclrspark.driver.run.RunInUseException;
import org.simclrspark.driver.sweep.Halving.Fate;
import org.simclrspark.driver.sweep.Halving.Verdict;

/** How far all points are, and which is next; for several threads. */
final class Board {

  private final List<Point> points;
  private final Halving halving;
  private final Map<Point, PointPlan> plans;
  private final BooleanSupplier isStopped;
  private final Map<Point, Outcome> outcomes = new LinkedHashMap<>();
  private final Map<Point, Map<Integer, Double>> accuracies = new HashMap<>();
  private final Set<Point> running = new HashSet<>();
  private final Map<Point, RunInUseException> inUse = new LinkedHashMap<>();
  private Throwable failure;

  /**
   * What is to be done for a point.
   *
   * @param pause train up to this step, and look how good it is; empty: to the end
   */
  record Work(Point point, OptionalLong pause) {}

  /**
   * An outcome with what is known of the rungs.
   *
   * @param accuracies kNN accuracy by rung
   */
  record Progress(Outcome outcome, Map<Integer, Double> accuracies) {}

  /**
   * Nothing is known yet.
   *
   * @param plans of all points, in the order of the grid
   * @param isStopped asked before more work is given out
   */
  Board(Map<Point, PointPlan> plans, Halving halving, BooleanSupplier isStopped) {
    this.points = List.copyOf(plans.keySet());
    this.plans = plans;
    this.halving = halving;
    this.isStopped = isStopped;
  }

  /** Takes note of how far a point is. */
  synchronized void put(Point point, Progress progress) {
    outcomes.put(point, progress.outcome());
    accuracies.put(point, Map.copyOf(progress.accuracies()));
  }

  /**
   * The next point that is to be trained, in the order of the grid; waits while it depends on those
   * that are.
   *
   * @return empty if there is none, or the sweep is to end
   */
  synchronized Optional<Work> take() {
    while (failure == null && !isStopped.getAsBoolean()) {
      Map<Point, Verdict> verdicts = verdicts();
      for (Point point : points) {
        Verdict verdict = verdicts.get(point);
        boolean isFree = !running.contains(point) && !inUse.containsKey(point);
        if (isFree && !outcomes.get(point).isEnded() && verdict.fate() == Fate.TRAINS) {
          running.add(point);
          long[] steps = plans.get(point).rungSteps();
          boolean toEnd = verdict.rung() == steps.length - 1;
          return Optional.of(
              new Work(
                  point, toEnd ? OptionalLong.empty() : OptionalLong.of(steps[verdict.rung()])));
        }
      }
      if (running.isEmpty()) {
        return Optional.empty();
      }
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  /** Work on a point is done, for good or bad. */
  synchronized void done(Point point, Progress progress) {
    put(point, progress);
    running.remove(point);
    notifyAll();
  }

  /** Another driver has the point's run. */
  synchronized void isInUse(Point point, RunInUseException found) {
    inUse.put(point, found);
    running.remove(point);
    notifyAll();
  }

  /** What keeps all points from going on; the others end what they do. */
  synchronized void abort(Point point, Throwable cause) {
    if (failure == null) {
      failure = cause;
    } else if (failure != cause) {
      failure.addSuppressed(cause);
    }
    running.remove(point);
    notifyAll();
  }

  synchronized Optional<Throwable> failure() {
    return Optional.ofNullable(failure);
  }

  /** Why points are left that another driver has, the first of them. */
  synchronized Optional<RunInUseException> inUse() {
    return inUse.values().stream().findFirst();
  }

  /** What is next for each point. */
  synchronized Map<Point, Verdict> verdicts() {
    return halving.verdicts(points, this::accuracy);
  }

  synchronized Map<Point, Outcome> outcomes() {
    return Collections.unmodifiableMap(new LinkedHashMap<>(outcomes));
  }

  /** Points that need no more training. */
  synchronized List<Point> settled() {
    Map<Point, Verdict> verdicts = verdicts();
    List<Point> settled = new ArrayList<>();
    for (Point point : points) {
      if (outcomes.get(point).isEnded() || verdicts.get(point).fate() == Fate.STOPS) {
        settled.add(point);
      }
    }
    return settled;
  }

  /** A point that ended without a look at a rung counts with what it came to. */
  private OptionalDouble accuracy(Point point, int rung) {
    Double measured = accuracies.get(point).get(rung);
    if (measured != null) {
      return OptionalDouble.of(measured);
    }
    Outcome outcome = outcomes.get(point);
    if (!outcome.isEnded()) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(outcome.knnAccuracy() == null ? 0 : outcome.knnAccuracy());
  }
}
