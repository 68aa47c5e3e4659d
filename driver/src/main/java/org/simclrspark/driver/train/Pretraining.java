package org.simclrspark.driver.train;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.data.index.Dataset;
import org.simclrspark.driver.checkpoint.Environment;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.report.Progress;
import org.simclrspark.driver.run.RunData;
import org.simclrspark.driver.run.RunDirectory;
import org.simclrspark.driver.run.StopRequest;

/**
 * The command {@code pretrain}: trains an encoder in a run directory, or goes on where the run was
 * interrupted, and judges it at the end.
 */
public final class Pretraining {

  /** A step may go on so long after SIGTERM; Kubernetes kills after 30 seconds. */
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private final JavaSparkContext spark;
  private final Configuration hadoop;
  private final SimclrConfig config;
  private final Progress progress;
  private final Firing firing;
  private final Optional<SharedRuns> shared;

  private Pretraining(
      JavaSparkContext spark,
      SimclrConfig config,
      Firing firing,
      Optional<SharedRuns> shared,
      Progress progress) {
    this.spark = spark;
    this.hadoop = spark.hadoopConfiguration();
    this.config = config;
    this.progress = progress;
    this.firing = firing;
    this.shared = shared;
  }

  /**
   * Runs the command.
   *
   * @param path the run directory, on any Hadoop file system
   * @return the exit status: 0, or 128 and the number of the signal that stopped the run
   */
  public static int run(JavaSparkContext spark, SimclrConfig config, Path path, Progress progress) {
    return run(spark, config, path, Firing.SINGLE, progress);
  }

  /**
   * Runs the command as one of a schedule.
   *
   * @param path the run directory, on any Hadoop file system
   * @return the exit status: 0, or 128 and the number of the signal that stopped the run
   */
  public static int run(
      JavaSparkContext spark, SimclrConfig config, Path path, Firing firing, Progress progress) {
    SimclrConfig absolute = Datasets.withAbsolutePaths(config, spark.hadoopConfiguration());
    Pretraining pretraining = new Pretraining(spark, absolute, firing, Optional.empty(), progress);
    OptionalInt status = pretraining.run(path);
    return status.isPresent()
        ? status.getAsInt()
        : pretraining.run(firing.directory().orElseThrow()).orElse(0);
  }

  /**
   * Trains one of several runs of this application.
   *
   * @param config with absolute paths, see {@link Datasets#withAbsolutePaths}
   * @param path the run directory, on any Hadoop file system
   * @param shared what it has in common with the others
   * @return the exit status: 0, or 128 and the number of the signal that stopped the run
   */
  public static int run(
      JavaSparkContext spark,
      SimclrConfig config,
      Path path,
      SharedRuns shared,
      Progress progress) {
    Pretraining pretraining =
        new Pretraining(spark, config, Firing.SINGLE, Optional.of(shared), progress);
    try (RunDirectory run = pretraining.open(path)) {
      return pretraining.run(run, shared.datasets(), shared.stop()).orElse(0);
    }
  }

  /**
   * Looks whether a run can be trained and judged on its images, so that it is not found out later.
   *
   * @throws org.simclrspark.driver.config.ConfigurationException if there are fewer images than a
   *     batch takes, or the run cannot start from {@code train.initial}
   * @throws org.simclrspark.data.DataException if images cannot be read, or their classes do not
   *     match
   */
  public static void requireTrainable(
      JavaSparkContext spark, SimclrConfig config, Datasets datasets, Consumer<String> log) {
    RunTraining.requireFullBatch(config, datasets.train().count());
    new JudgedEncoder(spark, config, datasets, log).requireLabels();
    InitialEncoder.find(config, Firing.SINGLE, spark.hadoopConfiguration(), line -> {});
  }

  /** Takes the signals that end a command. */
  public static StopRequest stopRequest(JavaSparkContext spark, Consumer<String> log) {
    return StopRequest.onSignals(PATIENCE, spark.sc()::cancelAllJobs, log);
  }

  private RunDirectory open(Path path) {
    return RunDirectory.open(
        path, config, hadoop, Environment.current(config.worker().threads()), progress::message);
  }

  private OptionalInt run(Path path) {
    try (StopRequest stop = stopRequest(spark, progress::message);
        RunDirectory run = open(path)) {
      Datasets datasets =
          new Datasets(spark, config, run.path(), run.isStarted(), progress::message);
      return run(run, datasets, stop);
    }
  }

  /** Empty if the run cannot go on, and the firing is to start its own. */
  private OptionalInt run(RunDirectory run, Datasets datasets, StopRequest stop) {
    Optional<RunData> identity = stop.unlessStopped(datasets::identity);
    if (identity.isPresent()) {
      if (isLeftBehind(identity.get(), run)) {
        return OptionalInt.empty();
      }
      if (!isUnchanged(datasets.train(), run)) {
        ActiveRun active =
            new ActiveRun(spark, config, run, datasets, shared.isPresent(), stop, progress);
        OptionalLong pause = shared.map(SharedRuns::pause).orElse(OptionalLong.empty());
        new RunTraining(active, firing, pause).train(identity.get());
      }
    }
    return OptionalInt.of(stop.isRequested() ? stop.exitStatus() : 0);
  }

  /**
   * Whether the images of an unfinished run of a schedule have changed since, so that it cannot go
   * on. A run of its own tells that as a mistake.
   */
  private boolean isLeftBehind(RunData identity, RunDirectory run) {
    boolean left =
        firing.directory().map(run::isElsewhere).orElse(false) && run.isOfOtherImages(identity);
    if (left) {
      progress.message(
          "The images have changed since "
              + run.path()
              + " was started, which is unfinished and stays so: a new run starts.");
    }
    return left;
  }

  /** Whether a new run would only repeat the last one of its schedule; it is not started then. */
  private boolean isUnchanged(Dataset dataset, RunDirectory run) {
    Optional<Path> last =
        run.isStarted() ? Optional.empty() : firing.unchangedSince(dataset, config, hadoop);
    last.ifPresent(
        path -> {
          run.discard();
          progress.message(
              "The images and the configuration are those of "
                  + path
                  + ", which is finished; there is nothing to do.");
        });
    return last.isPresent();
  }
}
