package org.simclrspark.driver.cli;

import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.report.Progress;
import org.simclrspark.driver.train.Judging;
import picocli.CommandLine.Command;

/** Judges the encoder of a run. */
@Command(
    name = "evaluate",
    description = "Judges the encoder of a run by kNN and a linear probe, beside baselines.")
final class EvaluateCommand extends RunCommand {

  EvaluateCommand() {
    super("simclr evaluate");
  }

  @Override
  SimclrConfig configuration(ConfigurationOptions options, Configuration hadoop) {
    if (options.isSeries()) {
      throw new ConfigurationException(
          "--run: must name one run to judge, found {date}. Put a date in its place.");
    }
    return options.ofRun(hadoop);
  }

  @Override
  int run(JavaSparkContext spark, SimclrConfig config, Progress progress) throws Exception {
    return Judging.run(spark, config, options().runDirectory(), progress);
  }
}
