package org.simclrspark.driver.cli;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.driver.cluster.DeployMode;
import org.simclrspark.driver.cluster.HadoopSettings;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.doctor.Checkup;
import org.simclrspark.driver.doctor.Finding;
import org.simclrspark.worker.machine.Isa;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Looks whether a cluster can run a configuration. */
@Command(
    name = "doctor",
    description = {
      "Looks whether driver and executors can run: Java, Spark, natives, processor, clocks, GPUs.",
      "With --conf or --set also whether they can read the images, and have the memory; with --run"
          + " whether they can use the run directory. Exit status 0, or 2 where something is wrong."
    })
final class DoctorCommand implements Callable<Integer>, ConfiguredCommand {

  @Mixin private CommonOptions common;
  @Mixin private ConfigurationOptions options;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Optional<SimclrConfig> config = launchedConfiguration();
    Optional<Path> run =
        options.isRunGiven() ? Optional.of(options.runDirectory()) : Optional.empty();
    Isa isa = config.map(c -> c.worker().isa()).orElse(Isa.NATIVE);
    try (JavaSparkContext spark =
        SparkContexts.start("simclr doctor", common.master(), nativeThreads(), isa, Map.of())) {
      boolean well = Checkup.run(spark, config, run, this::tell);
      return well ? ExitStatus.DONE : ExitStatus.WRONG_USE;
    }
  }

  /** What is wrong goes into YARN's diagnostics, as other mistakes do. */
  private void tell(Finding finding) {
    if (!finding.good() && DeployMode.isApplicationMaster()) {
      spec.commandLine().getErr().println(finding.line());
    } else {
      System.out.println(finding.line());
    }
  }

  @Override
  public ConfigurationOptions options() {
    return options;
  }

  @Override
  public Optional<SimclrConfig> launchedConfiguration() {
    return options.isConfigurationGiven()
        ? Optional.of(options.forTraining(HadoopSettings.current()))
        : Optional.empty();
  }

  @Override
  public int nativeThreads() {
    return launchedConfiguration().map(config -> config.worker().threads()).orElse(1);
  }
}
