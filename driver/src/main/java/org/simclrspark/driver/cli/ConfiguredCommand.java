package org.simclrspark.driver.cli;

import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.config.SimclrConfig;

/** A command with the options of a configuration, which a driver on the cluster may execute. */
interface ConfiguredCommand extends NativeThreads {

  ConfigurationOptions options();

  /** The configuration that the launcher prepares the driver for, if the command has one. */
  Optional<SimclrConfig> launchedConfiguration();

  /** Runs that the driver trains at the same time. */
  default int runsAtOnce() {
    return 1;
  }

  /**
   * Refuses what would be lost with a driver on the cluster. Without {@code --run} there is nothing
   * to lose, unless a command has a run of its own.
   *
   * @throws ConfigurationException if the run directory is on the driver's own disk
   */
  default void requireCluster(Configuration hadoop) {
    if (options().isRunGiven()) {
      options().requireRunOutlastsDriver(hadoop);
    }
  }
}
