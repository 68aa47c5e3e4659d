package org.simclrspark.driver.train;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.data.DataException;
import org.simclrspark.data.augment.AugmentSettings;
import org.simclrspark.data.index.Dataset;
import org.simclrspark.data.index.ReadCounters;
import org.simclrspark.driver.checkpoint.Environment;
import org.simclrspark.driver.checkpoint.FloatBytes;
import org.simclrspark.driver.checkpoint.OptimizerState;
import org.simclrspark.driver.checkpoint.TrainingState;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.config.DataConfig.Damaged;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.evaluate.EvaluationReport;
import org.simclrspark.driver.metrics.LiveTraining;
import org.simclrspark.driver.optimizer.Optimizer;
import org.simclrspark.driver.optimizer.Optimizers;
import org.simclrspark.driver.overview.RunReport;
import org.simclrspark.driver.overview.RunStatus.Phase;
import org.simclrspark.driver.report.FailureWords;
import org.simclrspark.driver.report.Metrics;
import org.simclrspark.driver.report.Progress;
import org.simclrspark.driver.report.Summary;
import org.simclrspark.driver.run.RunData;
import org.simclrspark.driver.run.RunDirectory;
import org.simclrspark.driver.run.RunInUseException;
import org.simclrspark.driver.run.StopRequest;
import org.simclrspark.driver.step.Augmentation;
import org.simclrspark.driver.step.NtXentSettings;
import org.simclrspark.driver.step.TrainingStep;
import org.simclrspark.worker.EncoderSettings;
import org.simclrspark.worker.Engine;
import org.simclrspark.worker.EngineSource;
import org.simclrspark.worker.Engines;
import org.simclrspark.worker.ShardPlan;
import org.simclrspark.worker.ShardWorker;

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
  private final EncoderSettings encoder;
  private final int threads;
  private final Firing firing;
  private final OptionalLong pause;

  private Pretraining(
      JavaSparkContext spark,
      SimclrConfig config,
      Firing firing,
      OptionalLong pause,
      Progress progress) {
    this.spark = spark;
    this.hadoop = spark.hadoopConfiguration();
    this.config = config;
    this.progress = progress;
    this.firing = firing;
    this.pause = pause;
    this.encoder = config.encoderSettings();
    this.threads = config.worker().threads();
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
    Pretraining pretraining =
        new Pretraining(spark, absolute, firing, OptionalLong.empty(), progress);
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
        new Pretraining(spark, config, Firing.SINGLE, shared.pause(), progress);
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
    requireFullBatch(config, datasets.train().count());
    new JudgedEncoder(spark, config, datasets, log).requireLabels();
    InitialEncoder.find(config, Firing.SINGLE, spark.hadoopConfiguration(), line -> {});
  }

  /** Takes the signals that end a command. */
  public static StopRequest stopRequest(JavaSparkContext spark, Consumer<String> log) {
    return StopRequest.onSignals(PATIENCE, spark.sc()::cancelAllJobs, log);
  }

  private RunDirectory open(Path path) {
    return RunDirectory.open(path, config, hadoop, Environment.current(threads), progress::message);
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
        run(datasets, identity.get(), run, stop);
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

  private void run(Datasets datasets, RunData identity, RunDirectory run, StopRequest stop) {
    Dataset dataset = datasets.train();
    long images = dataset.count();
    TrainingState state = run.resume(identity).orElseGet(() -> initialState(run));
    try (RunReport report = new RunReport(run.path(), config, hadoop, progress::message)) {
      try {
        requireFullBatch(config, images);
        Schedule whole = Schedule.of(config, images);
        Schedule schedule = pause.isPresent() ? whole.upTo(pause.getAsLong()) : whole;
        if (isFinished(state, schedule, run.path())) {
          progress.message(
              run.path()
                  + " is finished after "
                  + state.step()
                  + " steps; there is nothing to do.");
          recordImages(dataset, run);
          return;
        }
        report.started(whole.lastStep(), whole.stepsPerEpoch());
        String stopped = train(datasets, whole, schedule, state, run, stop, report);
        report.ended(stopped == null ? Phase.FINISHED : Phase.STOPPED, stopped);
      } catch (RunInUseException e) {
        // What its directory says is for the other driver to write.
        throw e;
      } catch (Throwable e) {
        report.ended(Phase.FAILED, reason(e));
        throw e;
      }
    }
  }

  /** What a user's mistake says of itself, or else the deepest of our own words. */
  private static String reason(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof DataException || cause instanceof ConfigurationException) {
        return cause.getMessage();
      }
    }
    return FailureWords.of(failure);
  }

  /** Returns why the run is not finished, or null where it is. */
  private String train(
      Datasets datasets,
      Schedule whole,
      Schedule schedule,
      TrainingState start,
      RunDirectory run,
      StopRequest stop,
      RunReport report) {
    Dataset dataset = datasets.train();
    JudgedEncoder judged = new JudgedEncoder(spark, config, datasets, progress::message);
    ReportPictures pictures = new ReportPictures(run.path(), config, hadoop);
    judged.draw(pictures);
    report.draw(() -> pictures.views(dataset));
    try (Metrics metrics = Metrics.open(run.path(), hadoop, progress::message)) {
      if (!stop.unlessStopped(judged::requireLabels)) {
        return "asked to before the first step";
      }
      progress.message(plan(schedule, dataset.count()));
      metrics.truncateAfter(start.step());
      report.goesOn(start.step());
      metrics.tell(report);
      TrainingState state = train(dataset, schedule, start, run, metrics, stop, judged, report);
      if (stop.isRequested()) {
        progress.message("Stopped after step " + state.step() + "; the same command goes on.");
        return "asked to after step " + state.step();
      }
      metrics.flush();
      if (schedule.lastStep() < whole.lastStep()) {
        judgeAtPause(state, judged, metrics, stop);
        return "paused after step " + state.step();
      }
      report.evaluating();
      return finish(dataset, run, state, judged, stop) ? null : "asked to in the evaluation";
    }
  }

  /** The look at the encoder by which a run is compared before it goes on. */
  private static void judgeAtPause(
      TrainingState state, JudgedEncoder judged, Metrics metrics, StopRequest stop) {
    Map<String, Object> last = metrics.lastLine();
    boolean isOfState = last.get("step") instanceof Number step && step.longValue() == state.step();
    if (isOfState && last.get(Summary.KNN_ACCURACY) == null) {
      stop.unlessStopped(() -> judged.knnAccuracy(state)).ifPresent(metrics::amend);
    }
  }

  /** Summaries of earlier versions do not say which images they are of. */
  private void recordImages(Dataset dataset, RunDirectory run) {
    Summary.read(run.path(), hadoop)
        .filter(summary -> summary.values().get(Summary.DATA_FINGERPRINT) == null)
        .map(summary -> summary.with(Summary.DATA_FINGERPRINT, dataset.fingerprint()))
        .ifPresent(summary -> summary.write(run.path(), hadoop));
  }

  private static void requireFullBatch(SimclrConfig config, long images) {
    int batch = config.train().batch();
    if (images < batch) {
      throw config.rejected(
          "train.batch",
          "must be at most the number of training images, "
              + images
              + " in "
              + config.data().train()
              + ", found "
              + batch,
          "Lower it or give more images.");
    }
  }

  private boolean isFinished(TrainingState state, Schedule schedule, Path path) {
    return state.step() >= schedule.lastStep()
        && Summary.read(path, hadoop)
            .map(summary -> summary.values().get(Summary.PARAMETERS_SHA256))
            .filter(FloatBytes.sha256(state.parameters())::equals)
            .isPresent();
  }

  private TrainingState initialState(RunDirectory run) {
    Optional<InitialEncoder> initial =
        InitialEncoder.find(config, firing, hadoop, progress::message);
    initial.map(InitialEncoder::origin).ifPresent(run::startedFrom);
    try (EngineSource.Loan loan = Engines.borrow(encoder, threads)) {
      Engine engine = loan.engine();
      Optimizer optimizer = Optimizers.create(config.optimizer(), engine.parameters());
      return new TrainingState(
          0,
          0,
          initial
              .map(InitialEncoder::parameters)
              .orElseGet(() -> engine.initialParameters(config.train().seed())),
          new float[engine.statisticsSize()],
          OptimizerState.of(0, optimizer.state()),
          config.render());
    }
  }

  private TrainingState train(
      Dataset dataset,
      Schedule schedule,
      TrainingState state,
      RunDirectory run,
      Metrics metrics,
      StopRequest stop,
      JudgedEncoder judged,
      RunReport report) {
    ShardPlan plan =
        new ShardPlan(config.train().batch(), config.train().shards(), config.train().microBatch());
    AugmentSettings augment = config.augment().settings();
    Augmentation views =
        new Augmentation(
            augment,
            config.data().limits(),
            config.train().seed(),
            plan.imagesPerShard(),
            config.data().damaged() == Damaged.SKIP);
    Optimizer optimizer;
    int dimension;
    int[] normChannels;
    try (EngineSource.Loan loan = Engines.borrow(encoder, threads)) {
      optimizer = Optimizers.create(config.optimizer(), loan.engine().parameters());
      dimension = loan.engine().embeddingSize();
      normChannels = loan.engine().normChannels();
    }
    ExecutorEnvironments executors = ExecutorEnvironments.register(spark);
    ShardWorker worker =
        new ShardWorker(
            new TaskEngines(encoder, threads, executors), plan, config.worker().activationMemory());
    NtXentSettings loss = new NtXentSettings(dimension, config.loss().temperature(), threads);
    LiveTraining.CURRENT.started();
    spark.setJobGroup(run.path().toString(), "pretrain");
    try (TrainingStep step = new TrainingStep(spark, plan, views, worker, loss, normChannels);
        ExecutorLosses losses = new ExecutorLosses(spark)) {
      Trainer trainer =
          new Trainer(
              config,
              schedule,
              new EpochOrder(spark, dataset, schedule, config.train(), new ReadCounters(spark)),
              step,
              optimizer,
              state,
              metrics,
              progress);
      return trainer.train(
          stop,
          new Trainer.Events() {
            @Override
            public void commit(TrainingState reached) {
              report.saving();
              long start = System.nanoTime();
              run.commit(reached, Map.of("encoder.zip", out -> judged.write(reached, out)));
              LiveTraining.CURRENT.checkpointed((System.nanoTime() - start) / 1e9);
            }

            @Override
            public Map<String, Object> evaluate(TrainingState reached) {
              return judged.knnAccuracy(reached);
            }

            @Override
            public int executorsLost() {
              return losses.sinceLastTime();
            }

            @Override
            public void stepDone() {
              run.computedOn(executors.value());
              run.ensureHeld();
            }
          });
    } finally {
      spark.clearJobGroup();
      LiveTraining.CURRENT.ended();
      progress.finished();
    }
  }

  /** Where tasks borrow engines; whoever borrows tells its environment. */
  private record TaskEngines(EncoderSettings settings, int threads, ExecutorEnvironments executors)
      implements EngineSource {

    @Override
    public Loan borrow() {
      return told(Engines.borrow(settings, threads));
    }

    @Override
    public Loan borrow(UUID step, int shard) {
      return told(Engines.borrow(settings, threads, step, shard));
    }

    /** Borrowing chooses the natives, which the environment tells of. */
    private Loan told(Loan loan) {
      executors.add(Environment.current(threads));
      return loan;
    }
  }

  private String plan(Schedule schedule, long images) {
    return "Training ResNet-"
        + encoder.depth()
        + " (width "
        + encoder.width()
        + ") on "
        + images
        + " images: "
        + schedule.lastStep()
        + " steps of "
        + config.train().batch()
        + " images, "
        + schedule.stepsPerEpoch()
        + " an epoch.";
  }

  /** Returns whether the run is finished: it may be stopped in its evaluation. */
  private boolean finish(
      Dataset dataset,
      RunDirectory run,
      TrainingState state,
      JudgedEncoder judged,
      StopRequest stop) {
    Summary summary =
        Metrics.read(run.path(), hadoop, lines -> TrainingSummary.of(state, dataset, lines));
    if (judged.isPossible()) {
      progress.message("Evaluating.");
      Optional<EvaluationReport> report = evaluate(run, state, judged, stop);
      if (stop.isRequested()) {
        progress.message("Stopped in the evaluation; the same command goes on with it.");
        return false;
      }
      if (report.isPresent()) {
        summary = summary.with(report.get().values());
        report.get().lines().forEach(progress::message);
      }
    }
    summary.write(run.path(), hadoop);
    progress.message("Summary, metrics and checkpoints are in " + run.path() + ".");
    progress.message(
        "The encoder is an ordinary ComputationGraph of Deeplearning4j: checkpoints/step-"
            + String.format(Locale.ROOT, "%08d", state.step())
            + "/encoder.zip.");
    prune();
    return true;
  }

  private void prune() {
    int keep = config.checkpoint().keepRuns();
    if (keep > 0 && firing.series().isPresent()) {
      firing
          .series()
          .get()
          .prune(keep)
          .forEach(
              path ->
                  progress.message(
                      "Deleted the run " + path + ": checkpoint.keep-runs is " + keep + "."));
    }
  }

  /** Judges the encoder; the training stands whatever comes of it. */
  private Optional<EvaluationReport> evaluate(
      RunDirectory run, TrainingState state, JudgedEncoder judged, StopRequest stop) {
    try {
      return stop.unlessStopped(() -> judged.evaluate(state));
    } catch (Exception | OutOfMemoryError e) {
      progress.message(
          "Warning: the evaluation failed; the encoder is trained and saved. Once the cause is"
              + " gone, judge it with simclr evaluate --run "
              + run.path()
              + ". "
              + FailureWords.of(e));
      return Optional.empty();
    }
  }
}
