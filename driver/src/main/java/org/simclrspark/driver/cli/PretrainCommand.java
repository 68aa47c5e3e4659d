package org.simclrspark.driver.cli;

import org.apache.hadoop.conf.Configuration;
import org.simclrspark.driver.config.SimclrConfig;
import picocli.CommandLine.Command;

/** Trains an encoder, or goes on with an interrupted run. */
@Command(
    name = "pretrain",
    description = {
      "Trains an encoder with SimCLR, or goes on with an interrupted run.",
      "Without --conf: the configuration of the run, if --run names one, or else the quickstart."
          + " Without --run: runs/ and the configuration's name."
    })
final class PretrainCommand extends RunCommand {

  PretrainCommand(Job job) {
    super("simclr pretrain", job);
  }

  @Override
  SimclrConfig configuration(ConfigurationOptions options, Configuration hadoop) {
    return options.forTraining(hadoop);
  }
}
