package org.simclrspark.driver.sweep;

import java.time.Duration;
import java.util.Locale;

/** How fast a sweep goes since this driver works on it, and when it is likely to end. */
final class Pace {

  private final Workload workload;
  private final Board board;
  private final long started = System.nanoTime();
  private final double atStart;

  Pace(Workload workload, Board board) {
    this.workload = workload;
    this.board = board;
    this.atStart = left();
  }

  private double left() {
    return workload.left(board).values().stream().mapToDouble(Double::doubleValue).sum();
  }

  /** What is done and what is left, in a sentence. */
  String text() {
    int settled = board.settled().size();
    int all = board.outcomes().size();
    double left = left();
    double seconds = (System.nanoTime() - started) / 1e9;
    String rest =
        settled == all || left >= atStart
            ? ""
            : ", about " + clock(seconds * left / (atStart - left)) + " left";
    return settled + " of " + all + " points are done" + rest + ".";
  }

  /** Hours, minutes and seconds. */
  static String clock(double seconds) {
    Duration duration = Duration.ofSeconds(Math.round(seconds));
    return String.format(
        Locale.ROOT,
        "%d:%02d:%02d",
        duration.toHours(),
        duration.toMinutesPart(),
        duration.toSecondsPart());
  }
}
