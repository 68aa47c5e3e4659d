package org.simclrspark.driver.sweep;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.simclrspark.driver.report.Metrics;
import org.simclrspark.driver.report.Summary;
import org.simclrspark.driver.train.Schedule;

/**
 * How a point is to be trained, and how far its run directory says that it is.
 *
 * @param run directory
 * @param schedule of the whole training
 * @param rungSteps steps at which it is compared, the last of which is the end
 * @param evaluationImages training and test images that are encoded to judge it
 */
record PointPlan(Path run, Schedule schedule, long[] rungSteps, long evaluationImages) {

  /** How far it is. */
  Board.Progress progress(Configuration hadoop) {
    List<Map<String, Object>> lines = Metrics.read(run, hadoop);
    Map<String, Object> summary = Summary.read(run, hadoop).map(Summary::values).orElse(Map.of());
    Map<Integer, Double> accuracies = new HashMap<>();
    for (int rung = 0; rung < rungSteps.length - 1; rung++) {
      long step = rungSteps[rung];
      int at = rung;
      lines.stream()
          .filter(line -> Outcome.step(line) >= step)
          .map(line -> Outcome.number(line, Summary.KNN_ACCURACY))
          .filter(accuracy -> accuracy != null)
          .findFirst()
          .ifPresent(accuracy -> accuracies.put(at, accuracy));
    }
    return new Board.Progress(Outcome.of(run, lines, summary, schedule), accuracies);
  }

  /** What it had come to at a rung. */
  Outcome stoppedAt(int rung, Configuration hadoop) {
    return Outcome.stoppedAt(rungSteps[rung], Metrics.read(run, hadoop), schedule);
  }
}
