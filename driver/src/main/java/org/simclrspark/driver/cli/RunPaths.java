package org.simclrspark.driver.cli;

import org.apache.hadoop.fs.Path;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.config.Secrets;

/** The directories that a command line names. */
final class RunPaths {

  private RunPaths() {}

  /**
   * A directory.
   *
   * @param option that names it, for messages
   * @throws ConfigurationException if it is no path, or holds a password
   */
  static Path of(String option, String directory) {
    if (Secrets.hasPassword(directory)) {
      throw new ConfigurationException(
          option
              + ": must not hold a password, found "
              + Secrets.redact(directory)
              + ". "
              + Secrets.REMEDY);
    }
    try {
      return new Path(directory);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(
          option + ": must be a path, found '" + directory + "' (" + e.getMessage() + ").");
    }
  }
}
