package org.simclrspark.driver.run;

/**
 * Says that another driver works on the run directory: which one, and the remedy. The application
 * exits with status 75.
 */
public final class RunInUseException extends RuntimeException {

  public RunInUseException(String message) {
    super(message);
  }
}
