package org.simclrspark.driver.sweep;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.simclrspark.driver.sweep.Halving.Fate;
import org.simclrspark.driver.sweep.Halving.Verdict;

/**
 * How much there is left to do, counted in images that are trained on. Where halving will stop
 * points, each counts as much as it is likely to go on.
 */
final class RemainingWork {

  /**
   * An image in an evaluation is one view through the encoder; in training it is two, forward and
   * backward, where backward costs twice as much.
   */
  private static final double OF_TRAINING = 1.0 / 6;

  /** The trained and the untrained encoder are judged. */
  private static final int ENCODERS = 2;

  private final Map<Point, PointPlan> plans;

  /** Knows all points. */
  RemainingWork(Map<Point, PointPlan> plans) {
    this.plans = plans;
  }

  /** Images that are left for each point. */
  Map<Point, Double> left(Board board) {
    Map<Point, Verdict> verdicts = board.verdicts();
    Map<Point, Outcome> outcomes = board.outcomes();
    Map<Double, Integer> candidates = candidates(verdicts, outcomes);
    Map<Point, Double> left = new HashMap<>();
    verdicts.forEach(
        (point, verdict) -> {
          Outcome outcome = outcomes.get(point);
          boolean isSettled = outcome.isEnded() || verdict.fate() == Fate.STOPS;
          left.put(
              point,
              isSettled
                  ? 0.0
                  : left(
                      point,
                      verdict.rung(),
                      outcome.steps(),
                      candidates.get(point.config().loss().temperature())));
        });
    return left;
  }

  private double left(Point point, int rung, long done, int candidates) {
    long[] steps = plans.get(point).rungSteps();
    int batch = point.config().train().batch();
    double images = Math.max(0, steps[rung] - done) * (double) batch;
    double share = 1;
    int alive = candidates;
    for (int next = rung + 1; next < steps.length; next++) {
      int kept = (alive + 1) / 2;
      share *= (double) kept / alive;
      alive = kept;
      images += share * Math.max(0, steps[next] - Math.max(done, steps[next - 1])) * batch;
    }
    return images + share * ENCODERS * OF_TRAINING * plans.get(point).evaluationImages();
  }

  /** How many candidates of each temperature are still in. */
  private static Map<Double, Integer> candidates(
      Map<Point, Verdict> verdicts, Map<Point, Outcome> outcomes) {
    Map<Double, Set<String>> names = new HashMap<>();
    verdicts.forEach(
        (point, verdict) -> {
          if (verdict.fate() != Fate.STOPS && !outcomes.get(point).isEnded()) {
            names
                .computeIfAbsent(point.config().loss().temperature(), t -> new HashSet<>())
                .add(point.candidate());
          }
        });
    Map<Double, Integer> counts = new HashMap<>();
    names.forEach((temperature, ofTemperature) -> counts.put(temperature, ofTemperature.size()));
    return counts;
  }
}
