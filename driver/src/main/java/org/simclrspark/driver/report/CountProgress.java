package org.simclrspark.driver.report;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Tells a person how many things of a known number are done: as a line that is drawn again on a
 * terminal, as a plain line every few seconds elsewhere. Calls come from one thread.
 */
public final class CountProgress implements AutoCloseable {

  private static final long INTERVAL_NANOS = Duration.ofSeconds(5).toNanos();

  private final PrintStream out;
  private final String task;
  private final int columns;
  private ProgressBar bar;
  private long shown = System.nanoTime();

  /**
   * Makes a progress line.
   *
   * @param task what is done, for example Preparing
   * @param columns width of the terminal, in characters; 0 without one
   */
  public CountProgress(PrintStream out, String task, int columns) {
    this.out = out;
    this.task = task;
    this.columns = columns;
  }

  /**
   * Some things are done.
   *
   * @param begun things that are begun; what is begun counts half
   */
  public void update(long begun, long done, long total) {
    if (columns > 0) {
      draw((begun + done) / 2, total);
      return;
    }
    long now = System.nanoTime();
    if (done < total && now - shown >= INTERVAL_NANOS) {
      shown = now;
      out.printf(Locale.ROOT, "%s: %,d of %,d read, %,d done%n", task, begun, total, done);
      out.flush();
    }
  }

  private void draw(long done, long total) {
    if (bar == null) {
      bar =
          ProgressBar.builder()
              .setTaskName(task)
              .setInitialMax(total)
              .startsFrom(done, Duration.ZERO)
              .setStyle(ProgressBarStyle.ASCII)
              .setUpdateIntervalMillis(500)
              .setConsumer(
                  new DelegatingProgressBarConsumer(
                      line -> {
                        out.print("\r\033[2K" + line.stripTrailing());
                        out.flush();
                      },
                      columns - 1))
              .build();
    }
    bar.stepTo(done);
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
      out.println();
      out.flush();
    }
  }
}
