package org.simclrspark.driver.overview;

import java.time.Duration;
import java.time.Instant;

/** How long ago something was, in words. */
final class Ages {

  private Ages() {}

  /** Such as {@code 12 s}, {@code 5 min}, {@code 3 h} or {@code 2 days}. */
  static String of(Instant then) {
    long seconds = Math.max(0, Duration.between(then, Instant.now()).toSeconds());
    if (seconds < 120) {
      return seconds + " s";
    }
    if (seconds < 2 * 3600) {
      return seconds / 60 + " min";
    }
    return seconds < 48 * 3600 ? seconds / 3600 + " h" : seconds / (24 * 3600) + " days";
  }
}
