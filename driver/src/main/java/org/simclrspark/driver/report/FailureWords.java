package org.simclrspark.driver.report;

import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.simclrspark.data.DataException;
import org.simclrspark.driver.config.ConfigurationException;

/** What a failure tells a person, in one line. */
public final class FailureWords {

  private static final String OUR_PACKAGE = "org.simclrspark.";
  private static final String MEMORY = "java.lang.OutOfMemoryError";

  /** How Spark words it where one of its own limits ends a job: which, and its value. */
  private static final Pattern LIMIT =
      Pattern.compile(
          "(?:is bigger than|exceeds max allowed:) (?<key>spark(?:\\.\\w+)+) \\((?<value>[^)]*)\\)");

  private FailureWords() {}

  /**
   * What a user's mistake says of itself, or else the deepest message of this project's own behind
   * a failure, or else what the failure says.
   */
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
    Optional<Matcher> limit = limit(failure);
    if (limit.isPresent()) {
      String key = limit.get().group("key");
      return key
          + " is too low for this configuration, found "
          + limit.get().group("value")
          + ". Raise it (-- --conf "
          + key
          + "=VALUE), or leave it out.";
    }
    Optional<Throwable> mistake = causes(failure).filter(FailureWords::isMistake).findFirst();
    if (mistake.isPresent()) {
      return mistake.get().getMessage();
    }
    String own = null;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      own = isOwn(cause) ? cause.getMessage() : own;
    }
    return own != null ? own : firstLine(String.valueOf(failure));
  }

  /** Whether {@link #of} has words of this project's own. */
  public static boolean isKnown(Throwable failure) {
    return causes(failure).anyMatch(FailureWords::isOwn)
        || isOutOfMemory(failure)
        || limit(failure).isPresent();
  }

  private static Optional<Matcher> limit(Throwable failure) {
    return causes(failure)
        .map(cause -> LIMIT.matcher(String.valueOf(cause.getMessage())))
        .filter(Matcher::find)
        .findFirst();
  }

  private static Stream<Throwable> causes(Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause);
  }

  /** Whether memory was short, here or in a task whose failure Spark tells as text. */
  private static boolean isOutOfMemory(Throwable failure) {
    return causes(failure)
        .anyMatch(
            cause ->
                cause instanceof OutOfMemoryError
                    || String.valueOf(cause.getMessage()).contains(MEMORY));
  }

  private static String reason(Throwable failure) {
    return causes(failure)
        .filter(OutOfMemoryError.class::isInstance)
        .findFirst()
        .map(cause -> firstLine(String.valueOf(cause.getMessage())))
        .orElse("in a task");
  }

  private static boolean isMistake(Throwable cause) {
    return cause instanceof DataException || cause instanceof ConfigurationException;
  }

  private static boolean isOwn(Throwable cause) {
    return cause.getClass().getName().startsWith(OUR_PACKAGE) && cause.getMessage() != null;
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }
}
