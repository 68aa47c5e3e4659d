package org.simclrspark.driver.report;

import java.util.Locale;

/** What a failure tells a person, in one line. */
public final class FailureWords {

  private static final String OUR_PACKAGE = "org.simclrspark.";
  private static final String MEMORY = "java.lang.OutOfMemoryError";

  private FailureWords() {}

  /** The deepest message of this project's own behind a failure, or else what it says itself. */
  public static String of(Throwable failure) {
    if (isOutOfMemory(failure)) {
      return String.format(
          Locale.ROOT,
          "Memory ran out: %s. The Java heap of this process has %,d MiB. Raise"
              + " SIMCLR_DRIVER_MEMORY (the driver, and everything where Spark is embedded) or"
              + " --executor-memory and spark.executor.memoryOverhead (executors), or lower"
              + " train.micro-batch, worker.activation-memory or evaluate.batch.",
          reason(failure),
          Runtime.getRuntime().maxMemory() >> 20);
    }
    String own = null;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      own = isOwn(cause) ? cause.getMessage() : own;
    }
    return own != null ? own : firstLine(String.valueOf(failure));
  }

  /** Whether {@link #of} has words of this project's own. */
  public static boolean isKnown(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (isOwn(cause)) {
        return true;
      }
    }
    return isOutOfMemory(failure);
  }

  /** Whether memory was short, here or in a task whose failure Spark tells as text. */
  private static boolean isOutOfMemory(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof OutOfMemoryError
          || String.valueOf(cause.getMessage()).contains(MEMORY)) {
        return true;
      }
    }
    return false;
  }

  private static String reason(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof OutOfMemoryError) {
        return firstLine(String.valueOf(cause.getMessage()));
      }
    }
    return "in a task";
  }

  private static boolean isOwn(Throwable cause) {
    return cause.getClass().getName().startsWith(OUR_PACKAGE) && cause.getMessage() != null;
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }
}
