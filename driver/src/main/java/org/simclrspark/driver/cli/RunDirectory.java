package org.simclrspark.driver.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.typesafe.config.Config;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.simclrspark.driver.config.ConfigFiles;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.config.SimclrConfig;

/** The directory of a run, on any Hadoop file system, as far as the configuration goes. */
final class RunDirectory {

  private static final String CHECKPOINTS = "checkpoints";

  private final Path path;
  private final Configuration hadoop;

  RunDirectory(String path, Configuration hadoop) {
    this.path = new Path(path);
    this.hadoop = hadoop;
  }

  Path path() {
    return path;
  }

  /** The configuration that the run was started with, if there is one. */
  Optional<Config> configuration() {
    return read(new Path(path, SimclrConfig.FILE_NAME), hadoop);
  }

  /**
   * Writes the configuration.
   *
   * @throws ConfigurationException if the run has checkpoints of another configuration
   */
  void keep(SimclrConfig config) {
    try {
      FileSystem files = path.getFileSystem(hadoop);
      if (files.exists(new Path(path, CHECKPOINTS))) {
        configuration().ifPresent(stored -> requireSame(config, stored));
      }
      try (OutputStream out = files.create(new Path(path, SimclrConfig.FILE_NAME), true)) {
        out.write(config.render().getBytes(UTF_8));
      }
    } catch (IOException e) {
      throw new ConfigurationException(
          "--run: the run directory must be writable, found "
              + path
              + " ("
              + e.getMessage()
              + "). Choose another with --run DIR.");
    }
  }

  private void requireSame(SimclrConfig config, Config stored) {
    List<String> differences = config.differences(SimclrConfig.load(stored, List.of()));
    if (!differences.isEmpty()) {
      throw new ConfigurationException(
          differences.stream()
              .map(
                  difference ->
                      path
                          + ": a run must go on with its own configuration, found "
                          + difference
                          + ". Choose another directory with --run DIR, or take the run's value.")
              .toList());
    }
  }

  /** Reads a configuration file, if there is one. */
  static Optional<Config> read(Path file, Configuration hadoop) {
    try {
      FileSystem files = file.getFileSystem(hadoop);
      if (!files.exists(file)) {
        return Optional.empty();
      }
      try (Reader reader = new InputStreamReader(files.open(file), UTF_8)) {
        return Optional.of(ConfigFiles.parse(reader, file.toString()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
