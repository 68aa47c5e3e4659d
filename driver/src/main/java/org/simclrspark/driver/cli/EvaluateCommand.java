package org.simclrspark.driver.cli;

import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.report.Progress;
import org.simclrspark.worker.Natives;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Judges the encoder of a run. */
@Command(
    name = "evaluate",
    description = "Judges the encoder of a run by kNN and a linear probe, beside baselines.")
final class EvaluateCommand implements Callable<Integer>, NativeThreads {

  @Mixin private CommonOptions common;
  @Mixin private ConfigurationOptions options;

  private final Job job;

  EvaluateCommand(Job job) {
    this.job = job;
  }

  @Override
  public Integer call() throws Exception {
    SimclrConfig config = options.ofRun(new Configuration());
    // Tells about missing natives and GPUs before Spark starts.
    Natives.prepare();
    try (JavaSparkContext spark =
            SparkContexts.start("simclr evaluate", common.master(), config.worker().threads());
        Progress progress = Terminal.progress()) {
      return job.run(spark, config, options.runDirectory(), progress);
    }
  }

  @Override
  public int nativeThreads() {
    return options.ofRun(new Configuration()).worker().threads();
  }
}
