package org.simclrspark.driver.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.typesafe.config.Config;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.simclrspark.driver.cluster.HadoopSettings;
import org.simclrspark.driver.config.ConfigFiles;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.run.RunSeries;
import org.simclrspark.driver.storage.Storage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Options of the commands that work on a run. */
@Command
final class ConfigurationOptions {

  private static final String HOME = "SIMCLR_HOME";

  @Option(
      names = "--conf",
      paramLabel = "FILE",
      description = "Configuration file, local or on any Hadoop file system.")
  private String file;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Overrides a key of the configuration, for example train.epochs=5. Repeatable.")
  private List<String> settings = new ArrayList<>();

  private String run;

  @Option(
      names = "--run",
      paramLabel = "DIR",
      description = "Run directory, local or on any Hadoop file system.")
  void setRun(String directory) {
    run = RunPaths.of("--run", directory).toString();
  }

  boolean isRunGiven() {
    return run != null;
  }

  /** Whether a configuration is there beside that of an existing run. */
  boolean isConfigurationGiven() {
    return file != null || !settings.isEmpty();
  }

  /** Whether any of them is there. */
  boolean isGiven() {
    return file != null || run != null || !settings.isEmpty();
  }

  /**
   * The configuration to train with: that of {@code --conf}; without it that of an existing run;
   * without both the quickstart.
   */
  SimclrConfig forTraining(Configuration hadoop) {
    Optional<Config> stored = file == null && run != null ? stored(hadoop) : Optional.empty();
    return SimclrConfig.load(stored.orElseGet(() -> parse(fileOrQuickstart(), hadoop)), settings);
  }

  /** The configuration of an existing run. */
  SimclrConfig ofRun(Configuration hadoop) {
    if (run == null) {
      throw new ConfigurationException(
          "--run: the directory of a run must be given, found none. Add --run DIR.");
    }
    Config stored =
        stored(hadoop)
            .orElseThrow(
                () ->
                    new ConfigurationException(
                        "--run: the directory must hold a run with its "
                            + SimclrConfig.FILE_NAME
                            + ", found none in "
                            + run
                            + ". Train one with simclr pretrain --run "
                            + run
                            + "."));
    if (file != null) {
      stored = parse(file, hadoop).withFallback(stored);
    }
    return SimclrConfig.load(stored, settings);
  }

  /**
   * The configuration that a sweep varies: that of {@code --conf}; without it that which an
   * existing sweep keeps; without both the quickstart. The settings come on top of it.
   */
  Config forSweep(Configuration hadoop, String kept) {
    Optional<Config> stored =
        file == null && run != null ? read(new Path(run, kept), hadoop) : Optional.empty();
    return stored.orElseGet(() -> parse(fileOrQuickstart(), hadoop));
  }

  /** The options {@code --set}. */
  List<String> settings() {
    return settings;
  }

  /** The option {@code --run}, or {@code runs/} and the configuration's name. */
  Path runDirectory() {
    if (run != null) {
      return new Path(run);
    }
    String name =
        InlineFile.parse(fileOrQuickstart())
            .map(InlineFile::name)
            .orElseGet(() -> new Path(fileOrQuickstart()).getName());
    return new Path("runs/" + name.replaceFirst("\\.conf$", ""));
  }

  /**
   * Refuses a run directory that would be lost with the machine of the driver: a relative path on
   * the local disk of whatever machine a cluster chooses.
   */
  void requireRunOutlastsDriver(Configuration hadoop) {
    Path directory = runDirectory();
    if (!directory.isAbsolute() && HadoopSettings.scheme(directory, hadoop).equals("file")) {
      throw new ConfigurationException(
          "--run: must be on a file system that all machines reach when the driver runs on the"
              + " cluster, found the relative path "
              + directory
              + ". Give one such as hdfs:///runs/first or s3a://BUCKET/runs/first, or the absolute"
              + " path of a shared mount.");
    }
  }

  /**
   * Whether the configuration is a file of this machine, the quickstart's included, that a driver
   * elsewhere cannot read.
   */
  boolean isConfigurationLocal(Configuration hadoop) {
    if (file == null && run != null && stored(hadoop).isPresent()) {
      return false;
    }
    return !fileOrQuickstart().contains("://") && InlineFile.parse(fileOrQuickstart()).isEmpty();
  }

  /** The configuration file as the launcher sends it to a driver elsewhere. */
  InlineFile inlineFile() {
    File local = new File(fileOrQuickstart());
    return new InlineFile(local.getName(), ConfigFiles.render(ConfigFiles.parse(local)));
  }

  /** Whether {@code --run} names the runs of a schedule. */
  boolean isSeries() {
    return RunSeries.isPattern(run);
  }

  /** The runs of a schedule, if {@code --run} names them. */
  Optional<RunSeries> series(Configuration hadoop, Consumer<String> log) {
    return isSeries() ? Optional.of(new RunSeries(run, hadoop, log)) : Optional.empty();
  }

  /** The configuration of the run, or of the newest one of a schedule. */
  private Optional<Config> stored(Configuration hadoop) {
    Path directory = new Path(run);
    requireReachable(directory, hadoop);
    if (isSeries()) {
      return series(hadoop, System.err::println)
          .flatMap(RunSeries::newest)
          .flatMap(newest -> read(new Path(newest.path(), SimclrConfig.FILE_NAME), hadoop));
    }
    return read(new Path(directory, SimclrConfig.FILE_NAME), hadoop);
  }

  /** Leaves what this JVM has no client for to the same check through spark-submit. */
  private static void requireReachable(Path path, Configuration hadoop) {
    if (Launch.isBare() && HadoopSettings.needsMore(path, hadoop)) {
      throw new Launch.SparkNeededException();
    }
  }

  private String fileOrQuickstart() {
    if (file != null) {
      return file;
    }
    String home = System.getenv(HOME);
    if (home == null) {
      throw new ConfigurationException(
          "--conf: a configuration file must be given, found none. Add --conf FILE, or set "
              + HOME
              + " to the project's directory for the quickstart.");
    }
    return home + "/conf/quickstart.conf";
  }

  private static Config parse(String file, Configuration hadoop) {
    Optional<InlineFile> inline = InlineFile.parse(file);
    if (inline.isPresent()) {
      return ConfigFiles.parse(inline.get().text().getBytes(UTF_8), inline.get().name());
    }
    if (!file.contains("://")) {
      return ConfigFiles.parse(new File(file));
    }
    return read(new Path(file), hadoop)
        .orElseThrow(
            () ->
                new ConfigurationException(
                    file + ": the configuration file must exist, found none. Check --conf."));
  }

  private static Optional<Config> read(Path file, Configuration hadoop) {
    requireReachable(file, hadoop);
    return Storage.of(file, hadoop, System.err::println)
        .readIfPresent(file)
        .map(bytes -> ConfigFiles.parse(bytes, file.toString()));
  }
}
