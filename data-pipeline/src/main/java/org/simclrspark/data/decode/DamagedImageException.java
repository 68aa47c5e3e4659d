package org.simclrspark.data.decode;

/** Says in one line why an image cannot be decoded. */
public final class DamagedImageException extends Exception {

  public DamagedImageException(String reason) {
    super(reason);
  }

  public DamagedImageException(String reason, Throwable cause) {
    super(reason, cause);
  }
}
