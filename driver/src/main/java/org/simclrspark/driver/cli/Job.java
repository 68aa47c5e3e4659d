package org.simclrspark.driver.cli;

import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.report.Progress;

/** What a command does once Spark runs. */
@FunctionalInterface
interface Job {

  /**
   * Does it.
   *
   * @param run the directory of the run
   * @return exit status
   */
  int run(JavaSparkContext spark, SimclrConfig config, Path run, Progress progress)
      throws Exception;
}
