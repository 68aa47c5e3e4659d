package org.simclrspark.driver.train;

import java.util.Optional;
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
 * @param isOneOfSeveral of the same application
 * @param stop asks it to end
 * @param progress shows how it goes
 */
record ActiveRun(
    JavaSparkContext spark,
    SimclrConfig config,
    RunDirectory directory,
    Datasets datasets,
    boolean isOneOfSeveral,
    StopRequest stop,
    Progress progress) {

  Path path() {
    return directory.path();
  }

  Configuration hadoop() {
    return spark.hadoopConfiguration();
  }

  /** What sets it apart from others of the same application; empty where it is the only one. */
  Optional<String> nameAmongSeveral() {
    return isOneOfSeveral ? Optional.of(path().getName()) : Optional.empty();
  }

  /** Shows a line. */
  void message(String line) {
    progress.message(line);
  }
}
