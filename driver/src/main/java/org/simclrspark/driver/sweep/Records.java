package org.simclrspark.driver.sweep;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.simclrspark.driver.run.TargetLock;
import org.simclrspark.driver.sweep.Halving.Fate;
import org.simclrspark.driver.sweep.Halving.Verdict;
import org.simclrspark.driver.sweep.Row.Measure;

/** Writes what is known into the directory of the sweep, each file as a whole. */
final class Records {

  private final Spec spec;
  private final Map<Point, PointPlan> plans;
  private final SweepDirectory directory;
  private final TargetLock lock;
  private final Configuration hadoop;

  /** What stopped points had come to: their metrics do not change any more. */
  private final Map<Point, Outcome> stopped = new HashMap<>();

  Records(
      Spec spec,
      Map<Point, PointPlan> plans,
      SweepDirectory directory,
      TargetLock lock,
      Configuration hadoop) {
    this.spec = spec;
    this.plans = plans;
    this.directory = directory;
    this.lock = lock;
    this.hadoop = hadoop;
  }

  /**
   * Writes the results and their page.
   *
   * @throws org.simclrspark.driver.run.RunInUseException if another driver has taken the sweep
   */
  synchronized Results write(Board board) {
    Results results = new Results(spec, List.copyOf(plans.keySet()), outcomes(board));
    lock.ensureHeld();
    directory.writeResults(results.json());
    directory.writePage(new SweepPage(results).toBytes());
    return results;
  }

  /** The outcomes, with those that halving has stopped. */
  private Map<Point, Outcome> outcomes(Board board) {
    Map<Point, Outcome> outcomes = new LinkedHashMap<>(board.outcomes());
    Map<Point, Verdict> verdicts = board.verdicts();
    outcomes.replaceAll(
        (point, outcome) -> {
          Verdict verdict = verdicts.get(point);
          return !outcome.isEnded() && verdict.fate() == Fate.STOPS
              ? stopped.computeIfAbsent(
                  point, ended -> plans.get(ended).stoppedAt(verdict.rung(), hadoop))
              : outcome;
        });
    return outcomes;
  }

  /** Writes the configuration of the best candidate, with its first seed. */
  void writeBest(Row best) {
    directory.writeBest(
        String.format(
                Locale.ROOT,
                "# The best of the sweep in %s: kNN accuracy %s, linear accuracy %s.%n"
                    + "#   deploy/simclr pretrain --conf best.conf --run DIR%n",
                directory.path(),
                best.statistic(Measure.KNN).percent(),
                best.statistic(Measure.LINEAR).percent())
            + best.first().config().render());
  }
}
