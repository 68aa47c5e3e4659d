package org.simclrspark.driver.storage;

/**
 * Says that a file of the run cannot be written or read, or is damaged: which one, the cause, and
 * the remedy. The application exits with status 1.
 */
public final class StorageException extends RuntimeException {

  public StorageException(String message) {
    super(message);
  }

  public StorageException(String message, Throwable cause) {
    super(message, cause);
  }
}
