package org.simclrspark.driver.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.driver.cluster.HadoopSettings;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.doctor.Checkup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Looks whether a cluster can run a configuration. */
@Command(
    name = "doctor",
    description = {
      "Looks whether driver and executors can run: Java, Spark, natives, processor, clocks, GPUs.",
      "With --conf or --set also whether they can read the images, and have the memory; with --run"
          + " whether they can use the run directory. Exit status 0, or 2 where something is wrong."
    })
final class DoctorCommand implements Callable<Integer>, NativeThreads {

  @Mixin private CommonOptions common;
  @Mixin private ConfigurationOptions options;

  @Override
  public Integer call() {
    Optional<SimclrConfig> config = configuration();
    Optional<Path> run =
        options.isRunGiven() ? Optional.of(options.runDirectory()) : Optional.empty();
    try (JavaSparkContext spark =
        SparkContexts.start("simclr doctor", common.master(), nativeThreads())) {
      boolean well = Checkup.run(spark, config, run, finding -> System.out.println(finding.line()));
      return well ? ExitStatus.DONE : ExitStatus.WRONG_USE;
    }
  }

  private Optional<SimclrConfig> configuration() {
    return options.isConfigurationGiven()
        ? Optional.of(options.forTraining(HadoopSettings.current()))
        : Optional.empty();
  }

  @Override
  public int nativeThreads() {
    return configuration().map(config -> config.worker().threads()).orElse(1);
  }
}
