package org.simclrspark.driver.report;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Progress as plain lines, for files and pipes: the first and last step, and one every few seconds.
 */
public final class LineProgress implements Progress {

  private static final long INTERVAL_NANOS = Duration.ofSeconds(5).toNanos();

  private final PrintStream out;
  private final LongSupplier nanoTime;
  private long start;
  private long stepsDone;
  private long stepsTotal;
  private long shown;

  public LineProgress(PrintStream out) {
    this(out, System::nanoTime);
  }

  /**
   * Makes progress on a clock of its own.
   *
   * @param nanoTime the clock
   */
  LineProgress(PrintStream out, LongSupplier nanoTime) {
    this.out = out;
    this.nanoTime = nanoTime;
  }

  @Override
  public void started(long stepsDone, long stepsTotal) {
    this.stepsDone = stepsDone;
    this.stepsTotal = stepsTotal;
    start = nanoTime.getAsLong();
    shown = start - INTERVAL_NANOS;
  }

  @Override
  public void step(long step, double epoch, double loss, double accuracy, double imagesPerSecond) {
    long now = nanoTime.getAsLong();
    if (now - shown < INTERVAL_NANOS && step < stepsTotal) {
      return;
    }
    shown = now;
    double secondsPerStep = (now - start) / 1e9 / Math.max(1, step - stepsDone);
    out.printf(
        Locale.ROOT,
        "step %d of %d, epoch %.2f, loss %.4f, contrastive accuracy %.1f %%, %s img/s,"
            + " %s left%n",
        step,
        stepsTotal,
        epoch,
        loss,
        100 * accuracy,
        String.format(Locale.ROOT, imagesPerSecond >= 100 ? "%.0f" : "%.1f", imagesPerSecond),
        Durations.clock(secondsPerStep * (stepsTotal - step)));
    out.flush();
  }

  @Override
  public void message(String line) {
    out.println(line);
    out.flush();
  }

  @Override
  public void finished() {
    out.flush();
  }
}
