package org.simclrspark.data.index;

import java.io.IOException;
import org.simclrspark.data.DataException;

/** What scans have in common. */
final class Scans {
  private Scans() {}

  static DataException unreadable(
      ImageScanner scanner, ScanUnit unit, long read, IOException cause) {
    return new DataException(
        "Data must be whole and readable, but "
            + unit.path()
            + " (read as "
            + scanner.format()
            + ") cannot be read after "
            + read
            + " images: "
            + withRemedy(reason(cause)),
        cause);
  }

  /** A reason that has its own remedy keeps it, behind a semicolon. */
  private static String withRemedy(String reason) {
    return reason.contains("; ") ? reason : reason + "; fetch it again";
  }

  /** What an exception says, in one line. */
  static String reason(Exception e) {
    String message = e.getMessage();
    return message == null
        ? e.getClass().getSimpleName()
        : message.lines().findFirst().orElse(e.getClass().getSimpleName());
  }
}
