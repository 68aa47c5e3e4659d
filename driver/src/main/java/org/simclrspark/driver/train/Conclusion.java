package org.simclrspark.driver.train;

import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.simclrspark.data.index.Dataset;
import org.simclrspark.driver.checkpoint.TrainingState;
import org.simclrspark.driver.evaluate.EvaluationReport;
import org.simclrspark.driver.overview.ReportPage;
import org.simclrspark.driver.report.FailureWords;
import org.simclrspark.driver.report.Metrics;
import org.simclrspark.driver.report.Summary;

/** What follows the last step of a run: its evaluation, its summary, and the end of older runs. */
final class Conclusion {

  private final ActiveRun run;
  private final Firing firing;
  private final JudgedEncoder judged;

  /**
   * For a run that is not at its end yet.
   *
   * @param firing that it belongs to
   * @param judged its encoder
   */
  Conclusion(ActiveRun run, Firing firing, JudgedEncoder judged) {
    this.run = run;
    this.firing = firing;
    this.judged = judged;
  }

  /** Returns whether the run is finished: it may be stopped in its evaluation. */
  boolean finish(TrainingState state) {
    Dataset dataset = run.datasets().train();
    Summary summary =
        Metrics.read(run.path(), run.hadoop(), lines -> TrainingSummary.of(state, dataset, lines));
    if (judged.isPossible()) {
      run.message("Evaluating.");
      Optional<EvaluationReport> report = evaluate(state);
      if (run.stop().isRequested()) {
        run.message("Stopped in the evaluation; the same command goes on with it.");
        return false;
      }
      if (report.isPresent()) {
        summary = summary.with(report.get().values());
        report.get().lines(dataset.count()).forEach(run::message);
      }
    }
    summary.write(run.path(), run.hadoop());
    run.message("Summary, metrics and checkpoints are in " + run.path() + ".");
    run.message(
        "The encoder is an ordinary ComputationGraph of Deeplearning4j: checkpoints/step-"
            + String.format(Locale.ROOT, "%08d", state.step())
            + "/encoder.zip.");
    if (run.config().report().html()) {
      run.message("Report: " + new Path(run.path(), ReportPage.FILE_NAME));
    }
    prune();
    return true;
  }

  private void prune() {
    int keep = run.config().checkpoint().keepRuns();
    if (keep > 0 && firing.series().isPresent()) {
      firing
          .series()
          .get()
          .prune(keep)
          .forEach(
              path ->
                  run.message(
                      "Deleted the run " + path + ": checkpoint.keep-runs is " + keep + "."));
    }
  }

  /** Judges the encoder; the training stands whatever comes of it. */
  private Optional<EvaluationReport> evaluate(TrainingState state) {
    try {
      return run.stop().unlessStopped(() -> judged.evaluate(state));
    } catch (Exception | OutOfMemoryError e) {
      run.message(
          "Warning: the evaluation failed; the encoder is trained and saved. Once the cause is"
              + " gone, judge it with simclr evaluate --run "
              + run.path()
              + ". "
              + FailureWords.of(e));
      return Optional.empty();
    }
  }
}
