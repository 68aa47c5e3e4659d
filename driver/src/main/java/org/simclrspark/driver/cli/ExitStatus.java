package org.simclrspark.driver.cli;

import org.simclrspark.data.DataException;
import org.simclrspark.driver.config.ConfigurationException;
import picocli.CommandLine.ParameterException;

/** How a command ends. */
final class ExitStatus {

  static final int DONE = 0;
  static final int FAILED = 1;
  static final int WRONG_USE = 2;
  static final int UNREADABLE_DATA = 3;

  private ExitStatus() {}

  /** The mistake of the user that lies deepest behind a failure, or the failure itself. */
  static Throwable cause(Throwable failure) {
    Throwable mistake = failure;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (of(cause) != FAILED) {
        mistake = cause;
      }
    }
    return mistake;
  }

  static int of(Throwable cause) {
    if (cause instanceof ConfigurationException || cause instanceof ParameterException) {
      return WRONG_USE;
    }
    return cause instanceof DataException ? UNREADABLE_DATA : FAILED;
  }
}
