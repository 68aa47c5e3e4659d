package org.simclrspark.driver.overview;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.overview.RunStatus.Phase;
import org.simclrspark.driver.report.EventFiles;
import org.simclrspark.driver.report.FailureWords;
import org.simclrspark.driver.report.History;
import org.simclrspark.driver.report.Metrics;
import org.simclrspark.driver.report.RunFile;
import org.simclrspark.driver.report.StepObserver;
import org.simclrspark.driver.report.Summary;
import org.simclrspark.driver.storage.Storage;

/**
 * Keeps what people look at up to date while a run trains: {@code status.json}, {@code report.html}
 * and the event files of TensorBoard.
 *
 * <p>All of it happens on a thread of its own. The training waits for nothing but a while at its
 * end, and nothing that goes wrong reaches it: the first failure of each kind is one warning.
 */
public final class RunReport implements StepObserver, AutoCloseable {

  /** Tasks that may wait when storage is slow, a few a step; those of later steps are left out. */
  private static final int MOST_WAITING = 4096;

  /** A page is not written again before so many times as long as writing it took have passed. */
  private static final int REST = 20;

  private static final Duration LAST_WAIT = Duration.ofSeconds(60);

  private final Path run;
  private final SimclrConfig config;
  private final Configuration hadoop;
  private final Consumer<String> log;
  private final Set<String> warned = new HashSet<>();
  private final ThreadPoolExecutor worker;

  // What follows belongs to the worker.
  private History history = new History();
  private RunStatus status = new RunStatus(Phase.TRAINING, Instant.now(), 0, 0, null, null);
  private EventFiles events;
  private long pageMayBeWrittenAt = System.nanoTime();

  /**
   * Begins with nothing to report.
   *
   * @param run its directory, on any Hadoop file system
   * @param log takes a line when something cannot be written
   */
  public RunReport(Path run, SimclrConfig config, Configuration hadoop, Consumer<String> log) {
    this.run = run;
    this.config = config;
    this.hadoop = hadoop;
    this.log = log;
    this.worker =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MOST_WAITING),
            task -> {
              Thread thread = new Thread(task, "run-report");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Training starts.
   *
   * @param lastStep at which training ends
   */
  public void started(long lastStep, int stepsPerEpoch) {
    submit(
        RunStatus.FILE_NAME,
        () -> {
          Storage storage = storage();
          Double knn = RunStatus.read(storage, run).map(RunStatus::knnAccuracy).orElse(null);
          status = new RunStatus(Phase.TRAINING, Instant.now(), lastStep, stepsPerEpoch, knn, null);
          status.write(storage, run);
        });
    if (config.report().tensorboard()) {
      submit("TensorBoard's files", () -> events = new EventFiles(run, hadoop));
    }
  }

  /**
   * Reads the metrics that earlier drivers wrote.
   *
   * @param stepsDone by them; nothing beyond is read
   */
  public void goesOn(long stepsDone) {
    if (stepsDone > 0 && config.report().html()) {
      submit(
          ReportPage.FILE_NAME,
          () -> history = Metrics.history(run, hadoop, History.POINTS, stepsDone));
    }
  }

  @Override
  public void appended(Map<String, ?> line) {
    submit(ReportPage.FILE_NAME, () -> history.add(line));
    submit("TensorBoard's files", () -> addEvents(line, line));
    submit(
        ReportPage.FILE_NAME,
        () -> {
          boolean ends =
              status.stepsPerEpoch() > 0
                  && ((Number) line.get("step")).longValue() % status.stepsPerEpoch() == 0;
          if (ends && System.nanoTime() - pageMayBeWrittenAt >= 0) {
            writePage();
          }
        });
  }

  @Override
  public void amended(long step, Map<String, ?> values) {
    submit(ReportPage.FILE_NAME, () -> history.amend(values));
    submit("TensorBoard's files", () -> addEvents(history.last(), values));
    if (values.get(Summary.KNN_ACCURACY) instanceof Number accuracy) {
      submit(
          RunStatus.FILE_NAME,
          () -> {
            status = status.withKnnAccuracy(accuracy.doubleValue());
            status.write(storage(), run);
          });
    }
  }

  private void addEvents(Map<String, ?> line, Map<String, ?> values) {
    if (events != null
        && line.get("step") instanceof Number step
        && line.get("time") instanceof Number time) {
      events.add(time.doubleValue(), step.longValue(), values);
    }
  }

  /** Has pictures made, where the page is to be written. */
  public void draw(Runnable pictures) {
    if (config.report().html()) {
      submit("A picture of " + ReportPage.FILE_NAME, pictures);
    }
  }

  /** A checkpoint is about to be saved: events of its steps are not written again. */
  public void saving() {
    submit(
        "TensorBoard's files",
        () -> {
          if (events != null) {
            events.flush();
          }
        });
  }

  /** The run goes into its evaluation. */
  public void evaluating() {
    submit(
        RunStatus.FILE_NAME,
        () -> {
          status = status.in(Phase.EVALUATING, null);
          status.write(storage(), run);
        });
  }

  /**
   * The driver has done its work.
   *
   * @param phase finished, stopped or failed
   * @param reason of the latter two, or null
   */
  public void ended(Phase phase, String reason) {
    submit(
        RunStatus.FILE_NAME,
        () -> {
          status = status.in(phase, reason);
          status.write(storage(), run);
        });
    submit(ReportPage.FILE_NAME, this::writePage);
  }

  /**
   * Writes the page of a run anew from its files, where the configuration asks for one.
   *
   * @param log takes a line when it cannot be written
   */
  public static void refresh(
      Path run, SimclrConfig config, Configuration hadoop, Consumer<String> log) {
    try (RunReport report = new RunReport(run, config, hadoop, log)) {
      report.submit(
          ReportPage.FILE_NAME,
          () -> {
            report.history = Metrics.history(run, hadoop, History.POINTS, Long.MAX_VALUE);
            report.writePage();
          });
    }
  }

  private void writePage() {
    if (!config.report().html()) {
      return;
    }
    long start = System.nanoTime();
    try {
      new RunFile(new Path(run, ReportPage.FILE_NAME), hadoop)
          .replace(ReportPage.of(run, history, hadoop));
    } finally {
      long end = System.nanoTime();
      pageMayBeWrittenAt = end + REST * (end - start);
    }
  }

  private Storage storage() {
    return Storage.of(run, hadoop, line -> {});
  }

  /** Has the worker do something, some time; what goes wrong is said once. */
  private void submit(String what, Runnable task) {
    if (worker.getQueue().remainingCapacity() == 0) {
      warn(what, "storage is too slow, and steps are left out of it");
      return;
    }
    worker.execute(
        () -> {
          try {
            task.run();
          } catch (Exception | OutOfMemoryError | LinkageError | StackOverflowError e) {
            warn(what, FailureWords.of(e));
          }
        });
  }

  private synchronized void warn(String what, String why) {
    if (warned.add(what)) {
      log.accept("Warning: " + what + " cannot be written; training goes on. " + why);
    }
  }

  /** Waits a while for what is still to be written. */
  @Override
  public void close() {
    submit(
        "TensorBoard's files",
        () -> {
          if (events != null) {
            events.close();
          }
        });
    worker.shutdown();
    try {
      if (!worker.awaitTermination(LAST_WAIT.toSeconds(), TimeUnit.SECONDS)) {
        warn(ReportPage.FILE_NAME, "storage is too slow");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
