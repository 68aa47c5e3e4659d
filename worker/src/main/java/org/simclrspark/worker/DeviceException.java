package org.simclrspark.worker;

/** A GPU that is missing, not Spark's to give, or unsupported. The message says what to do. */
public final class DeviceException extends IllegalStateException {

  private static final long serialVersionUID = 1L;

  DeviceException(String message) {
    super(message);
  }

  DeviceException(String message, Throwable cause) {
    super(message, cause);
  }
}
