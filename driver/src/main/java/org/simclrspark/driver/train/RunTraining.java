package org.simclrspark.driver.train;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.simclrspark.data.index.Dataset;
import org.simclrspark.driver.checkpoint.FloatBytes;
import org.simclrspark.driver.checkpoint.OptimizerState;
import org.simclrspark.driver.checkpoint.TrainingState;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.optimizer.Optimizer;
import org.simclrspark.driver.optimizer.Optimizers;
import org.simclrspark.driver.overview.RunReport;
import org.simclrspark.driver.overview.RunStatus.Phase;
import org.simclrspark.driver.report.FailureWords;
import org.simclrspark.driver.report.Metrics;
import org.simclrspark.driver.report.Summary;
import org.simclrspark.driver.run.RunData;
import org.simclrspark.driver.run.RunInUseException;
import org.simclrspark.driver.run.StopRequest;
import org.simclrspark.worker.network.EncoderSettings;
import org.simclrspark.worker.network.Network;

/**
 * Takes a run from where it stopped to its end or its pause, and keeps what its directory says of
 * that.
 */
final class RunTraining {

  private final ActiveRun run;
  private final SimclrConfig config;
  private final Firing firing;
  private final OptionalLong pause;

  /**
   * For a run that is to be trained.
   *
   * @param firing that it belongs to
   * @param pause step after which it is left unfinished; empty: goes on to the end
   */
  RunTraining(ActiveRun run, Firing firing, OptionalLong pause) {
    this.run = run;
    this.config = run.config();
    this.firing = firing;
    this.pause = pause;
  }

  /**
   * Trains it.
   *
   * @param identity of its images
   */
  void train(RunData identity) {
    long images = run.datasets().train().count();
    TrainingState state = run.directory().resume(identity).orElseGet(this::initialState);
    try (RunReport report = new RunReport(run.path(), config, run.hadoop(), run::message)) {
      try {
        requireFullBatch(config, images);
        Schedule whole = Schedule.of(config, images);
        Schedule schedule = pause.isPresent() ? whole.upTo(pause.getAsLong()) : whole;
        if (isFinished(state, schedule)) {
          run.message(
              run.path()
                  + " is finished after "
                  + state.step()
                  + " steps; there is nothing to do.");
          recordImages();
          return;
        }
        report.started(whole.lastStep(), whole.stepsPerEpoch());
        String stopped = train(whole, schedule, state, report);
        report.ended(stopped == null ? Phase.FINISHED : Phase.STOPPED, stopped);
      } catch (RunInUseException e) {
        // What its directory says is for the other driver to write.
        throw e;
      } catch (Throwable e) {
        report.ended(Phase.FAILED, FailureWords.of(e));
        throw e;
      }
    }
  }

  /** Returns why the run is not finished, or null where it is. */
  private String train(Schedule whole, Schedule schedule, TrainingState start, RunReport report) {
    StopRequest stop = run.stop();
    Dataset dataset = run.datasets().train();
    JudgedEncoder judged = new JudgedEncoder(run.spark(), config, run.datasets(), run::message);
    ReportPictures pictures = new ReportPictures(run.path(), config, run.hadoop());
    judged.draw(pictures);
    report.draw(() -> pictures.views(dataset));
    try (Metrics metrics = Metrics.open(run.path(), run.hadoop(), run::message)) {
      if (!stop.unlessStopped(judged::requireLabels)) {
        return "asked to before the first step";
      }
      run.message(plan(schedule, dataset.count()));
      metrics.truncateAfter(start.step());
      report.goesOn(start.step());
      metrics.tell(report);
      TrainingState state =
          new EncoderTraining(run, metrics, judged, report).train(schedule, start);
      if (stop.isRequested()) {
        run.message("Stopped after step " + state.step() + "; the same command goes on.");
        return "asked to after step " + state.step();
      }
      metrics.flush();
      if (schedule.lastStep() < whole.lastStep()) {
        judgeAtPause(state, judged, metrics);
        return "paused after step " + state.step();
      }
      report.evaluating();
      boolean isFinished = new Conclusion(run, firing, judged).finish(state);
      return isFinished ? null : "asked to in the evaluation";
    }
  }

  /** The look at the encoder by which a run is compared before it goes on. */
  private void judgeAtPause(TrainingState state, JudgedEncoder judged, Metrics metrics) {
    Map<String, Object> last = metrics.lastLine();
    boolean isOfState = last.get("step") instanceof Number step && step.longValue() == state.step();
    if (isOfState && last.get(Summary.KNN_ACCURACY) == null) {
      run.stop().unlessStopped(() -> judged.knnAccuracy(state)).ifPresent(metrics::amend);
    }
  }

  /** Summaries of earlier versions do not say which images they are of. */
  private void recordImages() {
    Dataset dataset = run.datasets().train();
    Summary.read(run.path(), run.hadoop())
        .filter(summary -> summary.values().get(Summary.DATA_FINGERPRINT) == null)
        .map(summary -> summary.with(Summary.DATA_FINGERPRINT, dataset.fingerprint()))
        .ifPresent(summary -> summary.write(run.path(), run.hadoop()));
  }

  /**
   * Looks whether there are images for one step.
   *
   * @throws ConfigurationException if there are fewer
   */
  static void requireFullBatch(SimclrConfig config, long images) {
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

  private boolean isFinished(TrainingState state, Schedule schedule) {
    return state.step() >= schedule.lastStep()
        && Summary.read(run.path(), run.hadoop())
            .map(summary -> summary.values().get(Summary.PARAMETERS_SHA256))
            .filter(FloatBytes.sha256(state.parameters())::equals)
            .isPresent();
  }

  private TrainingState initialState() {
    Optional<InitialEncoder> initial =
        InitialEncoder.find(config, firing, run.hadoop(), run::message);
    initial.map(InitialEncoder::origin).ifPresent(run.directory()::startedFrom);
    Network network = new Network(config.encoderSettings());
    Optimizer optimizer = Optimizers.create(config.optimizer(), network.layout());
    return new TrainingState(
        0,
        0,
        initial
            .map(InitialEncoder::parameters)
            .orElseGet(() -> network.initialParameters(config.train().seed())),
        new float[network.statisticsSize()],
        OptimizerState.of(0, optimizer.state()),
        config.render());
  }

  private String plan(Schedule schedule, long images) {
    EncoderSettings encoder = config.encoderSettings();
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
}
