package org.simclrspark.driver.report;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarStyle;

/** Progress as one line of a terminal that is drawn again and again. */
public final class TerminalProgress implements Progress {

  private static final String CLEAR_LINE = "\r\033[2K";

  private final PrintStream out;
  private final int columns;
  private ProgressBar bar;

  /**
   * Makes a progress line.
   *
   * @param columns width of the terminal, in characters
   */
  public TerminalProgress(PrintStream out, int columns) {
    this.out = out;
    this.columns = columns;
  }

  @Override
  public void started(long stepsDone, long stepsTotal) {
    bar =
        ProgressBar.builder()
            .setTaskName("step")
            .setInitialMax(stepsTotal)
            .startsFrom(stepsDone, Duration.ZERO)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(500)
            .setConsumer(new DelegatingProgressBarConsumer(this::draw, columns - 1))
            .build();
  }

  @Override
  public void step(long step, double epoch, double loss, double accuracy, double imagesPerSecond) {
    bar.setExtraMessage(
        String.format(
            Locale.ROOT,
            "loss %.3f, accuracy %.0f %%, %.0f img/s",
            loss,
            100 * accuracy,
            imagesPerSecond));
    bar.stepTo(step);
    bar.refresh();
  }

  @Override
  public synchronized void message(String line) {
    out.println(bar == null ? line : CLEAR_LINE + line);
    out.flush();
  }

  @Override
  public void finished() {
    if (bar != null) {
      bar.close();
      bar = null;
      out.println();
      out.flush();
    }
  }

  private synchronized void draw(String line) {
    out.print(CLEAR_LINE + line.stripTrailing());
    out.flush();
  }
}
