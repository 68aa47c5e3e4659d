package org.simclrspark.data.prepare;

import java.util.Locale;
import org.apache.hadoop.fs.Path;
import org.simclrspark.data.DataException;

/** Says that a dataset cannot be written, and what to do. */
final class Unwritable {
  private Unwritable() {}

  static DataException to(Path directory, Exception cause) {
    String reason = reason(cause);
    return new DataException(
        "The dataset cannot be written to "
            + directory
            + ": "
            + reason
            + (isFull(cause)
                ? ". The disk or quota is full: free space"
                : ". Check path and permissions")
            + " and give the same command again; what was there before is whole",
        cause);
  }

  /** Whether an error comes from a disk or quota that is full. */
  static boolean isFull(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      String lower = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
      if (lower.contains("no space left") || lower.contains("quota")) {
        return true;
      }
    }
    return false;
  }

  /** What the deepest of the errors says, in one line. */
  private static String reason(Throwable error) {
    Throwable deepest = error;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    String message = deepest.getMessage();
    return message == null || message.isBlank()
        ? deepest.getClass().getSimpleName()
        : message.strip().lines().findFirst().orElse("");
  }
}
