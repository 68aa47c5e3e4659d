package org.simclrspark.driver.cli;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.report.Progress;
import org.simclrspark.driver.run.RunSeries;
import org.simclrspark.driver.train.Firing;
import org.simclrspark.driver.train.Pretraining;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Trains an encoder, or goes on with an interrupted run. */
@Command(
    name = "pretrain",
    description = {
      "Trains an encoder with SimCLR, or goes on with an interrupted run.",
      "Without --conf: the configuration of the run, if --run names one, or else the quickstart."
          + " Without --run: runs/ and the configuration's name. With {date} in the last name of"
          + " --run, as schedules use it: the newest of these runs if it is unfinished, else that"
          + " of the date."
    })
final class PretrainCommand extends RunCommand {

  @Option(
      names = "--if-changed",
      description =
          "Starts a run only if images or configuration differ from those of the last finished run"
              + " (--run with {date}).")
  private boolean ifChanged;

  @Option(
      names = "--date",
      paramLabel = "DATE",
      description = "Stands for {date} in --run, such as 2026-11-25. Default: today, in UTC.")
  private LocalDate date = LocalDate.now(ZoneOffset.UTC);

  PretrainCommand() {
    super("simclr pretrain");
  }

  @Override
  SimclrConfig configuration(ConfigurationOptions options, Configuration hadoop) {
    if (ifChanged && !options.isSeries()) {
      throw new ConfigurationException(
          "--if-changed: needs the runs of a schedule to compare with, found no {date} in --run."
              + " Take one such as --run hdfs:///runs/{date}.");
    }
    return options.forTraining(hadoop);
  }

  @Override
  int run(JavaSparkContext spark, SimclrConfig config, Progress progress) {
    Optional<RunSeries> series = options().series(spark.hadoopConfiguration(), progress::message);
    Path run = series.map(runs -> runs.current(date)).orElseGet(() -> options().runDirectory());
    return Pretraining.run(
        spark,
        config,
        run,
        new Firing(series, series.map(runs -> runs.directory(date)), ifChanged),
        progress);
  }
}
