package org.simclrspark.driver.cli;

import org.apache.hadoop.conf.Configuration;
import org.simclrspark.driver.config.SimclrConfig;
import picocli.CommandLine.Command;

/** Judges the encoder of a run. */
@Command(
    name = "evaluate",
    description = "Judges the encoder of a run by kNN and a linear probe, beside baselines.")
final class EvaluateCommand extends RunCommand {

  EvaluateCommand(Job job) {
    super("simclr evaluate", job);
  }

  @Override
  SimclrConfig configuration(ConfigurationOptions options, Configuration hadoop) {
    return options.ofRun(hadoop);
  }
}
