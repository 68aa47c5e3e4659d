package org.simclrspark.driver.report;

import java.time.Duration;
import java.util.Locale;

/** How long something takes, in words. */
public final class Durations {

  private Durations() {}

  /** Hours, minutes and seconds, such as {@code 0:12:05}. */
  public static String clock(double seconds) {
    Duration duration = Duration.ofSeconds(Math.round(seconds));
    return String.format(
        Locale.ROOT,
        "%d:%02d:%02d",
        duration.toHours(),
        duration.toMinutesPart(),
        duration.toSecondsPart());
  }
}
