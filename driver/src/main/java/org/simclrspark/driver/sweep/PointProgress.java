package org.simclrspark.driver.sweep;

import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;
import org.simclrspark.driver.report.Progress;

/** The progress of one point among those that run at the same time: lines with its name. */
final class PointProgress implements Progress {

  private static final long INTERVAL_NANOS = Duration.ofSeconds(30).toNanos();

  private final String name;
  private final Consumer<String> tell;
  private long stepsTotal;
  private long shown;

  /**
   * Tells nothing yet.
   *
   * @param tell shows a line; may be called from several threads
   */
  PointProgress(String name, Consumer<String> tell) {
    this.name = name;
    this.tell = tell;
  }

  @Override
  public void started(long stepsDone, long total) {
    stepsTotal = total;
    shown = System.nanoTime();
  }

  @Override
  public void step(long step, double epoch, double loss, double accuracy, double imagesPerSecond) {
    long now = System.nanoTime();
    if (now - shown < INTERVAL_NANOS && step < stepsTotal) {
      return;
    }
    shown = now;
    message(
        String.format(
            Locale.ROOT,
            "step %d of %d, epoch %.2f, loss %.4f, contrastive accuracy %.1f %%, %.0f img/s",
            step,
            stepsTotal,
            epoch,
            loss,
            100 * accuracy,
            imagesPerSecond));
  }

  @Override
  public void message(String line) {
    tell.accept(name + ": " + line);
  }

  @Override
  public void finished() {
    // Every line is shown when it comes.
  }
}
