package org.simclrspark.driver.train;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.simclrspark.driver.checkpoint.Environment;
import org.simclrspark.driver.checkpoint.FloatBytes;
import org.simclrspark.driver.checkpoint.StartedFrom;
import org.simclrspark.driver.checkpoint.TrainingState;
import org.simclrspark.driver.config.ConfigFiles;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.config.TrainConfig;
import org.simclrspark.driver.run.RunDirectory;
import org.simclrspark.driver.run.RunSeries;
import org.simclrspark.worker.network.Network;

/**
 * The trained encoder that a run starts from, {@code train.initial}: the parameters of f and g
 * after the last step of another run.
 *
 * @param parameters to start with
 * @param origin where they are from, for the manifest
 */
record InitialEncoder(float[] parameters, StartedFrom origin) {

  /**
   * Finds it.
   *
   * @param log takes a line about where the run starts from
   * @return empty to start from random parameters
   * @throws ConfigurationException if there is no such run, or its network is another
   */
  static Optional<InitialEncoder> find(
      SimclrConfig config, Firing firing, Configuration hadoop, Consumer<String> log) {
    Optional<String> wanted = config.train().initial();
    if (wanted.isEmpty()) {
      return Optional.empty();
    }
    if (!wanted.get().equals(TrainConfig.LATEST)) {
      return Optional.of(load(new Path(wanted.get()), config, hadoop, log));
    }
    RunSeries series =
        firing
            .series()
            .orElseThrow(
                () ->
                    config.rejected(
                        "train.initial",
                        "can be latest only for the runs of a schedule, found a run of its own",
                        "Give --run a {date}, or name the run to start from."));
    Optional<Path> last = series.lastFinished().map(RunSeries.Entry::path);
    if (last.isEmpty()) {
      log.accept("No run of the schedule is finished yet: starting from random parameters.");
    }
    return last.map(run -> load(run, config, hadoop, log));
  }

  private static InitialEncoder load(
      Path run, SimclrConfig config, Configuration hadoop, Consumer<String> log) {
    TrainingState state =
        RunDirectory.checkpointsOf(
                run, hadoop, Environment.current(config.worker().threads()), line -> {})
            .latest()
            .orElseThrow(
                () ->
                    config.rejected(
                        "train.initial",
                        "must be a run with a complete checkpoint, found none in " + run,
                        "Check the path."));
    SimclrConfig before =
        SimclrConfig.load(
            ConfigFiles.parse(state.configuration().getBytes(UTF_8), run.toString()), List.of());
    if (!new Network(before.encoderSettings())
        .layout()
        .equals(new Network(config.encoderSettings()).layout())) {
      throw config.rejected(
          "train.initial",
          "must be a run of the same encoder and projection, found another network in " + run,
          "Take the values of encoder and projection from its config.conf.");
    }
    log.accept("Starting from the encoder of " + run + " after step " + state.step() + ".");
    return new InitialEncoder(
        state.parameters(),
        new StartedFrom(run.toString(), state.step(), FloatBytes.sha256(state.parameters())));
  }
}
