package org.simclrspark.driver.cli;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.driver.cluster.DeployMode;
import org.simclrspark.driver.cluster.HadoopSettings;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.plan.ExecutorFit;
import org.simclrspark.driver.report.Progress;
import org.simclrspark.worker.machine.Natives;
import picocli.CommandLine.Mixin;

/** A command that works on a run, on Spark. */
abstract class RunCommand implements Callable<Integer>, ConfiguredCommand {

  @Mixin private CommonOptions common;
  @Mixin private ConfigurationOptions options;

  private final String name;

  /**
   * Makes the command.
   *
   * @param name of Spark's application
   */
  RunCommand(String name) {
    this.name = name;
  }

  /** Does the work, and returns the exit status. */
  abstract int run(JavaSparkContext spark, SimclrConfig config, Progress progress) throws Exception;

  /** The configuration of the run. */
  abstract SimclrConfig configuration(ConfigurationOptions options, Configuration hadoop);

  /** More settings of Spark than a run needs, by name. */
  Map<String, String> sparkSettings() {
    return Map.of();
  }

  final SimclrConfig configuration() {
    return configuration(options, HadoopSettings.current());
  }

  @Override
  public final ConfigurationOptions options() {
    return options;
  }

  @Override
  public final Optional<SimclrConfig> launchedConfiguration() {
    return Optional.of(configuration());
  }

  @Override
  public final void requireCluster(Configuration hadoop) {
    options.requireRunOutlastsDriver(hadoop);
  }

  @Override
  public final Integer call() throws Exception {
    SimclrConfig config = configuration();
    if (DeployMode.isCluster()) {
      requireCluster(HadoopSettings.current());
    }
    // Tells about missing natives and GPUs, and of too little memory, before Spark starts.
    Natives.prepare();
    SparkConf asked = new SparkConf();
    if (common.master() != null) {
      asked.setMaster(common.master());
    }
    ExecutorFit.lacks(config, asked).forEach(lack -> System.err.println("Warning: " + lack));
    try (JavaSparkContext spark =
            SparkContexts.start(
                name,
                common.master(),
                config.worker().threads(),
                config.worker().isa(),
                sparkSettings());
        Progress progress = Terminal.progress()) {
      return run(spark, config, progress);
    }
  }

  @Override
  public final int nativeThreads() {
    return configuration().worker().threads();
  }
}
