package org.simclrspark.driver.sweep;

import org.simclrspark.driver.report.Durations;

/** How fast a sweep goes since this driver works on it, and when it is likely to end. */
final class Pace {

  private final RemainingWork remaining;
  private final Board board;
  private final long started = System.nanoTime();
  private final double atStart;

  Pace(RemainingWork remaining, Board board) {
    this.remaining = remaining;
    this.board = board;
    this.atStart = left();
  }

  private double left() {
    return remaining.left(board).values().stream().mapToDouble(Double::doubleValue).sum();
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
            : ", about " + Durations.clock(seconds * left / (atStart - left)) + " left";
    return settled + " of " + all + " points are done" + rest + ".";
  }
}
