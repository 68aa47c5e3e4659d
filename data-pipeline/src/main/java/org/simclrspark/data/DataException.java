package org.simclrspark.data;

/**
 * Says that data cannot be read: what, where, and the remedy. The application exits with status 3.
 */
public final class DataException extends RuntimeException {

  public DataException(String message) {
    super(message);
  }

  public DataException(String message, Throwable cause) {
    super(message, cause);
  }
}
