package org.simclrspark.driver.cli;

/**
 * Ends the command where {@link System#exit} may not: in YARN's application master, which shows the
 * message as the application's diagnostics.
 */
final class CommandFailedException extends RuntimeException {

  private static final long serialVersionUID = 1;

  CommandFailedException(int status, String message) {
    super(message.strip() + " (exit status " + status + ")", null, false, false);
  }
}
