package org.simclrspark.driver.cli;

import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.report.Progress;
import org.simclrspark.worker.Natives;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Trains an encoder, or goes on with an interrupted run. */
@Command(
    name = "pretrain",
    description = {
      "Trains an encoder with SimCLR, or goes on with an interrupted run.",
      "Without --conf: the configuration of the run, if --run names one, or else the quickstart."
          + " Without --run: runs/ and the configuration's name."
    })
final class PretrainCommand implements Callable<Integer>, NativeThreads {

  @Mixin private CommonOptions common;
  @Mixin private ConfigurationOptions options;

  private final Job job;

  PretrainCommand(Job job) {
    this.job = job;
  }

  @Override
  public Integer call() throws Exception {
    SimclrConfig config = options.forTraining(new Configuration());
    // Tells about missing natives and GPUs before Spark starts.
    Natives.prepare();
    try (JavaSparkContext spark =
            SparkContexts.start("simclr pretrain", common.master(), config.worker().threads());
        Progress progress = Terminal.progress()) {
      return job.run(spark, config, options.runDirectory(), progress);
    }
  }

  @Override
  public int nativeThreads() {
    return options.forTraining(new Configuration()).worker().threads();
  }
}
