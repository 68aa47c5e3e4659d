package org.simclrspark.driver.step;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobEnd;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.scheduler.StageInfo;
import scala.collection.JavaConverters;

/**
 * The wall-clock seconds of each phase of a step, and the bytes that it moved. A Spark job can hold
 * two phases, one before its shuffle and one behind it, or its tasks and what becomes of their
 * results; Spark's own stage times tell them apart.
 */
public final class PhaseClock extends SparkListener implements AutoCloseable {

  private static final String TOKEN = "simclrspark.job";
  private static final String DESCRIPTION = "spark.job.description";
  private static final long LISTENER_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

  /**
   * Where Spark has dropped a report it may drop the next ones too, and no step waits long for
   * them: patience grows with those that come.
   */
  private static final long IMPATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private long patience = LISTENER_PATIENCE_NANOS;

  private final JavaSparkContext spark;
  // Tells the jobs of this clock from those of another run's in the same application.
  private final String id = UUID.randomUUID().toString();
  private final Map<Phase, Double> seconds = new EnumMap<>(Phase.class);
  private final Map<Phase, Long> bytes = new EnumMap<>(Phase.class);
  private final List<Ended> ended = new ArrayList<>();
  private String work = "";
  private long jobs;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition reported = lock.newCondition();
  // Reports that nobody has discarded, by token; guarded by the lock.
  private final Map<String, JobReport> open = new HashMap<>();

  /** What Spark tells of one job. */
  final class JobReport {
    private final String token;
    private final String description;
    private final Set<Integer> stagesBeforeShuffle = new HashSet<>();
    private int jobId = -1;
    private int lastStage = -1;
    private boolean jobEnded;
    private double secondsBeforeShuffle;
    private double secondsOfLastStage;
    private long shuffledBytes;
    private long resultBytes;

    private JobReport(String token, String description) {
      this.token = token;
      this.description = description;
    }

    /** Spark reports asynchronously; the wait is for the report of a job that has already ended. */
    void await() {
      lock.lock();
      try {
        long left = patience;
        while (!jobEnded && left > 0) {
          left = reported.awaitNanos(left);
        }
        patience = jobEnded ? Math.min(2 * patience, LISTENER_PATIENCE_NANOS) : IMPATIENCE_NANOS;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        lock.unlock();
      }
    }

    /** Listens to the job no longer; it may be over, running, or have failed to start. */
    void discard() {
      lock.lock();
      try {
        open.remove(token);
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * A job that has ended, of which Spark may have to tell still, and the phases that it holds.
   *
   * @param after null where what follows the shuffle counts nowhere
   */
  private record Ended(
      JobReport report, Phase before, Phase after, ToDoubleFunction<JobReport> secondsOfBefore) {}

  /** Starts to listen to Spark. */
  public PhaseClock(JavaSparkContext spark) {
    this.spark = spark;
    spark.sc().addSparkListener(this);
  }

  /**
   * Starts a step; what the step before took is forgotten.
   *
   * @param name of the step, which the descriptions of its jobs begin with
   */
  public void restart(String name) {
    work = name;
    ended.forEach(job -> job.report.discard());
    ended.clear();
    seconds.clear();
    bytes.clear();
  }

  /** Seconds by phase since {@link #restart}. */
  Map<Phase, Double> seconds() {
    settle();
    return new EnumMap<>(seconds);
  }

  /**
   * Bytes by phase since {@link #restart}: written to a shuffle, sent to the driver as results, or
   * broadcast once by the driver.
   */
  public Map<Phase, Long> bytes() {
    settle();
    return new EnumMap<>(bytes);
  }

  /** Counts bytes that are moved in a phase. */
  void moved(Phase phase, long count) {
    bytes.merge(phase, count, Long::sum);
  }

  /** Times work on the driver. */
  <T> T time(Phase phase, Supplier<T> work) {
    long start = System.nanoTime();
    try {
      return work.get();
    } finally {
      seconds.merge(phase, (System.nanoTime() - start) / 1e9, Double::sum);
    }
  }

  /**
   * Times one Spark job.
   *
   * @param before the phase of its stages before the last shuffle
   * @param after the phase of its last stage
   */
  public <T> T timeJob(Phase before, Phase after, Supplier<T> job) {
    return timeJob(before, after, job, report -> report.secondsBeforeShuffle);
  }

  /**
   * Times one Spark job that has no shuffle.
   *
   * @param tasks the phase of its tasks
   * @param results the phase of the way there and back, which the results' bytes belong to
   */
  <T> T timeTasks(Phase tasks, Phase results, Supplier<T> job) {
    return timeJob(tasks, results, job, report -> report.secondsOfLastStage);
  }

  private <T> T timeJob(
      Phase before, Phase after, Supplier<T> job, ToDoubleFunction<JobReport> secondsOfBefore) {
    seconds.putIfAbsent(before, 0.0);
    String phases = before == after ? after.label() : before.label() + ", " + after.label();
    JobReport report = background(phases);
    ended.add(new Ended(report, before, after, secondsOfBefore));
    return time(after, () -> submit(report, job));
  }

  /** Counts what a job in the background, which has ended, has moved to a shuffle. */
  void endedInBackground(Phase phase, JobReport report) {
    ended.add(new Ended(report, phase, null, none -> 0));
  }

  /**
   * Divides jobs among phases. Spark tells of a job some milliseconds after its end, which no step
   * waits for before it goes on; and of one after the other, so that the last is the one to wait
   * for.
   */
  private void settle() {
    if (!ended.isEmpty()) {
      ended.get(ended.size() - 1).report.await();
    }
    for (Ended job : ended) {
      job.report.discard();
      double ofBefore = job.secondsOfBefore.applyAsDouble(job.report);
      seconds.merge(job.before, ofBefore, Double::sum);
      moved(job.before, job.report.shuffledBytes);
      if (job.after != null) {
        seconds.merge(job.after, -ofBefore, Double::sum);
        moved(job.after, job.report.resultBytes);
      }
    }
    ended.clear();
  }

  /**
   * A report of a job that is submitted with {@link #submit} and belongs to no phase; whoever asks
   * for it discards it.
   */
  JobReport background(String description) {
    lock.lock();
    try {
      JobReport report = new JobReport(id + "/" + ++jobs, work + ": " + description);
      open.put(report.token, report);
      return report;
    } finally {
      lock.unlock();
    }
  }

  /** Runs what submits a report's job. */
  <T> T submit(JobReport report, Supplier<T> job) {
    String outerToken = spark.getLocalProperty(TOKEN);
    String outerDescription = spark.getLocalProperty(DESCRIPTION);
    spark.setLocalProperty(TOKEN, report.token);
    spark.setJobDescription(report.description);
    try {
      return job.get();
    } finally {
      spark.setLocalProperty(TOKEN, outerToken);
      spark.setJobDescription(outerDescription);
    }
  }

  @Override
  public void onJobStart(SparkListenerJobStart job) {
    lock.lock();
    try {
      JobReport report =
          job.properties() == null ? null : open.get(job.properties().getProperty(TOKEN, ""));
      if (report == null) {
        return;
      }
      report.jobId = job.jobId();
      for (StageInfo stage : JavaConverters.asJavaIterable(job.stageInfos())) {
        report.stagesBeforeShuffle.add(stage.stageId());
        report.lastStage = Math.max(report.lastStage, stage.stageId());
      }
      report.stagesBeforeShuffle.remove(report.lastStage);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onStageCompleted(SparkListenerStageCompleted completed) {
    StageInfo stage = completed.stageInfo();
    lock.lock();
    try {
      for (JobReport report : open.values()) {
        if (report.stagesBeforeShuffle.contains(stage.stageId())) {
          report.shuffledBytes += stage.taskMetrics().shuffleWriteMetrics().bytesWritten();
          report.secondsBeforeShuffle += seconds(stage);
        } else if (stage.stageId() == report.lastStage) {
          report.resultBytes += stage.taskMetrics().resultSize();
          report.secondsOfLastStage += seconds(stage);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private static double seconds(StageInfo stage) {
    if (stage.submissionTime().isEmpty() || stage.completionTime().isEmpty()) {
      return 0;
    }
    long start = ((Number) stage.submissionTime().get()).longValue();
    long end = ((Number) stage.completionTime().get()).longValue();
    return (end - start) / 1e3;
  }

  @Override
  public void onJobEnd(SparkListenerJobEnd job) {
    lock.lock();
    try {
      for (JobReport report : open.values()) {
        if (job.jobId() == report.jobId) {
          report.jobEnded = true;
          reported.signalAll();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Stops listening. */
  @Override
  public void close() {
    spark.sc().removeSparkListener(this);
  }
}
