package org.simclrspark.driver.sweep;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.data.DataException;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.report.FailureWords;
import org.simclrspark.driver.run.RunInUseException;
import org.simclrspark.driver.run.StopRequest;
import org.simclrspark.driver.storage.StorageException;
import org.simclrspark.driver.sweep.Board.Work;
import org.simclrspark.driver.train.Datasets;
import org.simclrspark.driver.train.Pretraining;
import org.simclrspark.driver.train.SharedRuns;

/**
 * The threads that train points, each one point at a time, in a pool of Spark's fair scheduler and
 * under a tag of its own.
 */
final class Workers {

  private static final String POOL = "spark.scheduler.pool";
  private static final String DATA = "data.";

  private final JavaSparkContext spark;
  private final Spec spec;
  private final SweepDirectory directory;
  private final StopRequest stop;
  private final Consumer<String> tell;

  /**
   * Starts nothing yet.
   *
   * @param tell shows a line; may be called from several threads
   */
  Workers(
      JavaSparkContext spark,
      Spec spec,
      SweepDirectory directory,
      StopRequest stop,
      Consumer<String> tell) {
    this.spark = spark;
    this.spec = spec;
    this.directory = directory;
    this.stop = stop;
    this.tell = tell;
  }

  /** Returns when there is nothing more to train, or the sweep is to end. */
  void run(
      int threads,
      Board board,
      Records records,
      RemainingWork remaining,
      Map<Point, PointPlan> plans,
      Function<Point, Datasets> datasets) {
    Pace pace = new Pace(remaining, board);
    List<Thread> started = new ArrayList<>();
    for (int i = 1; i <= Math.min(threads, plans.size()); i++) {
      Thread thread = new Thread(() -> work(board, records, pace, plans, datasets), "sweep-" + i);
      thread.start();
      started.add(thread);
    }
    try {
      for (Thread thread : started) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void work(
      Board board,
      Records records,
      Pace pace,
      Map<Point, PointPlan> plans,
      Function<Point, Datasets> datasets) {
    for (Optional<Work> work = board.take(); work.isPresent(); work = board.take()) {
      Point point = work.get().point();
      PointPlan plan = plans.get(point);
      try {
        board.done(point, train(work.get(), plan, datasets.apply(point)));
      } catch (RunInUseException e) {
        tell.accept(point.words(spec.axes()) + ": " + e.getMessage());
        board.isInUse(point, e);
        continue;
      } catch (Throwable e) {
        // What would end every point alike ends the sweep, and is no result.
        board.abort(point, e);
        return;
      }
      try {
        records.write(board);
        tell(point, board.outcomes().get(point), pace);
      } catch (Throwable e) {
        board.abort(point, e);
      }
    }
  }

  private Board.Progress train(Work work, PointPlan plan, Datasets datasets) {
    Point point = work.point();
    String tag = "sweep/" + point.name();
    PointProgress progress = new PointProgress(point.words(spec.axes()), tell);
    spark.setLocalProperty(POOL, point.name());
    spark.addJobTag(tag);
    Throwable failure = null;
    try (StopRequest request = stop.forRun(() -> spark.cancelJobsWithTag(tag), progress::message)) {
      Pretraining.run(
          spark,
          point.config(),
          directory.run(point),
          new SharedRuns(datasets, request, work.pause()),
          progress);
    } catch (Throwable e) {
      if (endsAll(e)) {
        throw e;
      }
      failure = e;
    } finally {
      // A point that failed may leave jobs behind, of its evaluation or of views made ahead.
      spark.cancelJobsWithTag(tag);
      spark.removeJobTag(tag);
      spark.setLocalProperty(POOL, null);
    }
    Board.Progress reached = plan.progress(spark.hadoopConfiguration());
    String reason = failure == null ? null : FailureWords.of(failure);
    if (failure == null && isUnseen(work, plan, reached)) {
      reason =
          "its metrics.jsonl has no kNN accuracy of the step where it is compared; try it again with"
              + " --retry";
    }
    return reason == null
        ? reached
        : new Board.Progress(reached.outcome().failed(reason), reached.accuracies());
  }

  /** Whether a point was not judged at the rung that it was trained to. */
  private boolean isUnseen(Work work, PointPlan plan, Board.Progress reached) {
    if (stop.isRequested() || work.pause().isEmpty()) {
      return false;
    }
    for (int rung = 0; rung < plan.rungSteps().length; rung++) {
      if (plan.rungSteps()[rung] == work.pause().getAsLong()) {
        return !reached.accuracies().containsKey(rung);
      }
    }
    return false;
  }

  /**
   * Whether a failure is not the point's own: storage or the cluster are gone, another driver has
   * the run, or images that other points read too cannot be read.
   */
  private boolean endsAll(Throwable failure) {
    if (spark.sc().isStopped()) {
      return true;
    }
    boolean ownImages = spec.axes().stream().anyMatch(axis -> axis.key().startsWith(DATA));
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof RunInUseException
          || cause instanceof StorageException
          || cause instanceof ConfigurationException
          || (cause instanceof DataException && !ownImages)) {
        return true;
      }
    }
    return false;
  }

  private void tell(Point point, Outcome outcome, Pace pace) {
    if (!outcome.isEnded()) {
      return;
    }
    String found =
        outcome.reason() != null
            ? "failed: " + outcome.reason()
            : String.format(
                Locale.ROOT,
                "%s, kNN %.1f %%%s",
                outcome.state().word(),
                100 * outcome.knnAccuracy(),
                outcome.linearAccuracy() == null
                    ? ""
                    : String.format(
                        Locale.ROOT, ", linear probe %.1f %%", 100 * outcome.linearAccuracy()));
    tell.accept(point.words(spec.axes()) + ": " + found + ". " + pace.text());
  }
}
