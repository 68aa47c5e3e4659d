package org.simclrspark.driver.doctor;

/**
 * What one check found.
 *
 * @param good whether it is as it must be
 * @param subject what was looked at
 * @param text what was found, and where it is not good, what to do
 */
public record Finding(boolean good, String subject, String text) {

  static Finding good(String subject, String text) {
    return new Finding(true, subject, text);
  }

  static Finding bad(String subject, String text) {
    return new Finding(false, subject, text);
  }

  /** A line for people. */
  public String line() {
    return (good ? "ok    " : "WRONG ") + subject + ": " + text;
  }
}
