package org.simclrspark.driver.cli;

import com.typesafe.config.Config;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.simclrspark.driver.config.ConfigFiles;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.config.SimclrConfig;
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

  @Option(
      names = "--run",
      paramLabel = "DIR",
      description = "Run directory, local or on any Hadoop file system.")
  private String run;

  /**
   * The configuration to train with: that of {@code --conf}; without it that of an existing run;
   * without both the quickstart.
   */
  SimclrConfig forTraining(Configuration hadoop) {
    Optional<Config> stored =
        file == null && run != null ? runDirectory(hadoop).configuration() : Optional.empty();
    return SimclrConfig.load(stored.orElseGet(() -> parse(fileOrQuickstart(), hadoop)), settings);
  }

  /** The configuration of an existing run. */
  SimclrConfig ofRun(Configuration hadoop) {
    if (run == null) {
      throw new ConfigurationException(
          "--run: the directory of a run must be given, found none. Add --run DIR.");
    }
    Config stored =
        runDirectory(hadoop)
            .configuration()
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

  /** The option {@code --run}, or {@code runs/} and the configuration's name. */
  RunDirectory runDirectory(Configuration hadoop) {
    if (run != null) {
      return new RunDirectory(run, hadoop);
    }
    String name = new Path(fileOrQuickstart()).getName();
    return new RunDirectory("runs/" + name.replaceFirst("\\.conf$", ""), hadoop);
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
    if (!file.contains("://")) {
      return ConfigFiles.parse(new File(file));
    }
    return RunDirectory.read(new Path(file), hadoop)
        .orElseThrow(
            () ->
                new ConfigurationException(
                    file + ": the configuration file must exist, found none. Check --conf."));
  }
}
