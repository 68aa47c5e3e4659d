package org.simclrspark.data.prepare;

import java.io.IOException;
import java.util.Locale;
import org.apache.hadoop.fs.Path;
import org.simclrspark.data.DataException;

/** Says that a dataset cannot be written, and what to do. */
final class Unwritable {
  private Unwritable() {}

  static DataException to(Path directory, IOException cause) {
    String reason = reason(cause);
    return new DataException(
        "The dataset cannot be written to "
            + directory
            + ": "
            + reason
            + (isFull(reason)
                ? ". The disk or quota is full: free space"
                : ". Check path and permissions")
            + " and give the same command again; what was there before is whole",
        cause);
  }

  private static boolean isFull(String reason) {
    String lower = reason.toLowerCase(Locale.ROOT);
    return lower.contains("no space left") || lower.contains("quota");
  }

  private static String reason(IOException cause) {
    String message = cause.getMessage();
    return message == null || message.isBlank()
        ? cause.getClass().getSimpleName()
        : message.strip().lines().findFirst().orElse("");
  }
}
