package org.simclrspark.driver.cli;

import org.simclrspark.data.DataException;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.run.RunInUseException;
import org.simclrspark.worker.machine.DeviceException;
import picocli.CommandLine.ParameterException;

/** How a command ends. */
final class ExitStatus {

  static final int DONE = 0;
  static final int FAILED = 1;
  static final int WRONG_USE = 2;
  static final int UNREADABLE_DATA = 3;

  /** A sibling has the run: try again later, {@code EX_TEMPFAIL} of sysexits.h. */
  static final int IN_USE = 75;

  private ExitStatus() {}

  /**
   * The mistake of the user that lies deepest behind a failure, or else what this application said
   * deepest, or the failure itself.
   */
  static Throwable cause(Throwable failure) {
    Throwable mistake = null;
    Throwable ours = failure;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (of(cause) != FAILED) {
        mistake = cause;
      }
      if (cause instanceof DeviceException) {
        ours = cause;
      }
    }
    return mistake != null ? mistake : ours;
  }

  static int of(Throwable cause) {
    if (cause instanceof ConfigurationException || cause instanceof ParameterException) {
      return WRONG_USE;
    }
    if (cause instanceof RunInUseException) {
      return IN_USE;
    }
    return cause instanceof DataException ? UNREADABLE_DATA : FAILED;
  }
}
