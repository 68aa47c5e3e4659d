package org.simclrspark.worker.machine;

/**
 * A processor that is not supported, or a GPU that is missing, not Spark's to give, or not
 * supported. The message says what to do.
 */
public final class DeviceException extends IllegalStateException {

  private static final long serialVersionUID = 1L;

  public DeviceException(String message) {
    super(message);
  }

  public DeviceException(String message, Throwable cause) {
    super(message, cause);
  }
}
