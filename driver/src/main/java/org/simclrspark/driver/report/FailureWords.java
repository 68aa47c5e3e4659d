package org.simclrspark.driver.report;

import java.util.Locale;

/** What a failure tells a person, in one line. */
public final class FailureWords {

  private static final String OUR_PACKAGE = "org.simclrspark.";
  private static final String HEAP = "java.lang.OutOfMemoryError: Java heap space";

  private FailureWords() {}

  /** The deepest message of this project's own behind a failure, or else what it says itself. */
  public static String of(Throwable failure) {
    String own = null;
    String memory = null;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause.getClass().getName().startsWith(OUR_PACKAGE) && cause.getMessage() != null) {
        own = cause.getMessage();
      }
      if (cause instanceof OutOfMemoryError || String.valueOf(cause.getMessage()).contains(HEAP)) {
        memory = memory(cause);
      }
    }
    if (memory != null) {
      return memory;
    }
    return own != null ? own : firstLine(String.valueOf(failure));
  }

  /** Whether memory was short, on the driver or in a task whose failure Spark tells as text. */
  public static boolean isOutOfMemory(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof OutOfMemoryError || String.valueOf(cause.getMessage()).contains(HEAP)) {
        return true;
      }
    }
    return false;
  }

  private static String memory(Throwable cause) {
    String said =
        cause instanceof OutOfMemoryError ? firstLine("" + cause.getMessage()) : "Java heap space";
    return String.format(
        Locale.ROOT,
        "Memory ran out (%s), with a Java heap of %,d MiB in this process. Raise"
            + " SIMCLR_DRIVER_MEMORY (driver, and everything when Spark is embedded) or"
            + " --executor-memory and spark.executor.memoryOverhead (executors), or lower"
            + " train.micro-batch, worker.activation-memory or evaluate.batch",
        said,
        Runtime.getRuntime().maxMemory() >> 20);
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }
}
