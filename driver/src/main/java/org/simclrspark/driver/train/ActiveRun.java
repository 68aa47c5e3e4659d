package org.simclrspark.driver.train;

import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.report.Progress;
import org.simclrspark.driver.run.RunDirectory;
import org.simclrspark.driver.run.StopRequest;

/**
 * A run that this driver has taken, and what it works on it with.
 *
 * @param config with absolute paths
 * @param directory of the run
 * @param datasets that it is trained and judged on
 * @param stop asks it to end
 * @param progress shows how it goes
 */
record ActiveRun(
    JavaSparkContext spark,
    SimclrConfig config,
    RunDirectory directory,
    Datasets datasets,
    StopRequest stop,
    Progress progress) {

  Path path() {
    return directory.path();
  }

  Configuration hadoop() {
    return spark.hadoopConfiguration();
  }

  /** Shows a line. */
  void message(String line) {
    progress.message(line);
  }
}
