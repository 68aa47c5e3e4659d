package org.simclrspark.driver.step;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobEnd;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.scheduler.StageInfo;
import scala.collection.JavaConverters;

/**
 * The wall-clock seconds of each phase of a step, and the bytes that it moved. A Spark job can hold
 * two phases, one before its shuffle and one behind it; Spark's own stage times tell them apart.
 */
final class PhaseClock extends SparkListener {

  private static final String TOKEN = "simclrspark.job";
  private static final long LISTENER_PATIENCE_SECONDS = 5;

  private final JavaSparkContext spark;
  private final Map<String, Double> seconds = new LinkedHashMap<>();
  private final Map<String, Long> bytes = new LinkedHashMap<>();
  private long jobs;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  // Of the job being timed; guarded by the lock.
  private String token = "";
  private int jobId = -1;
  private int lastStage = -1;
  private boolean jobEnded;
  private final Set<Integer> stagesBeforeShuffle = new HashSet<>();
  private double secondsBeforeShuffle;
  private long shuffledBytes;
  private long resultBytes;

  PhaseClock(JavaSparkContext spark) {
    this.spark = spark;
    spark.sc().addSparkListener(this);
  }

  /** Starts a step; what the step before took is forgotten. */
  void restart() {
    seconds.clear();
    bytes.clear();
  }

  /** Seconds by phase since {@link #restart()}, in the order in which the phases began. */
  Map<String, Double> seconds() {
    return new LinkedHashMap<>(seconds);
  }

  /**
   * Bytes by phase since {@link #restart()}: written to a shuffle, sent to the driver as results,
   * or broadcast once by the driver.
   */
  Map<String, Long> bytes() {
    return new LinkedHashMap<>(bytes);
  }

  /** Counts bytes that the driver sends. */
  void sent(String phase, long count) {
    bytes.merge(phase, count, Long::sum);
  }

  /** Times work on the driver. */
  <T> T time(String phase, Supplier<T> work) {
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
  <T> T timeJob(String before, String after, Supplier<T> job) {
    seconds.putIfAbsent(before, 0.0);
    begin();
    spark.setJobDescription(before.equals(after) ? after : before + ", " + after);
    spark.setLocalProperty(TOKEN, token);
    try {
      T result = time(after, job);
      awaitReport();
      seconds.merge(before, secondsBeforeShuffle, Double::sum);
      seconds.merge(after, -secondsBeforeShuffle, Double::sum);
      bytes.merge(before, shuffledBytes, Long::sum);
      bytes.merge(after, resultBytes, Long::sum);
      return result;
    } finally {
      spark.setLocalProperty(TOKEN, null);
      spark.setJobDescription(null);
    }
  }

  private void begin() {
    lock.lock();
    try {
      token = Long.toString(++jobs);
      jobId = -1;
      lastStage = -1;
      jobEnded = false;
      stagesBeforeShuffle.clear();
      secondsBeforeShuffle = 0;
      shuffledBytes = 0;
      resultBytes = 0;
    } finally {
      lock.unlock();
    }
  }

  /** Spark reports asynchronously; the wait is for the report of a job that has already ended. */
  private void awaitReport() {
    lock.lock();
    try {
      long left = TimeUnit.SECONDS.toNanos(LISTENER_PATIENCE_SECONDS);
      while (!jobEnded && left > 0) {
        left = ended.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onJobStart(SparkListenerJobStart job) {
    lock.lock();
    try {
      if (job.properties() == null || !token.equals(job.properties().getProperty(TOKEN))) {
        return;
      }
      jobId = job.jobId();
      lastStage = -1;
      for (StageInfo stage : JavaConverters.asJavaIterable(job.stageInfos())) {
        stagesBeforeShuffle.add(stage.stageId());
        lastStage = Math.max(lastStage, stage.stageId());
      }
      stagesBeforeShuffle.remove(lastStage);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onStageCompleted(SparkListenerStageCompleted completed) {
    StageInfo stage = completed.stageInfo();
    lock.lock();
    try {
      if (stagesBeforeShuffle.contains(stage.stageId())) {
        shuffledBytes += stage.taskMetrics().shuffleWriteMetrics().bytesWritten();
        if (stage.submissionTime().isDefined() && stage.completionTime().isDefined()) {
          long start = ((Number) stage.submissionTime().get()).longValue();
          long end = ((Number) stage.completionTime().get()).longValue();
          secondsBeforeShuffle += (end - start) / 1e3;
        }
      } else if (stage.stageId() == lastStage) {
        resultBytes += stage.taskMetrics().resultSize();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onJobEnd(SparkListenerJobEnd job) {
    lock.lock();
    try {
      if (job.jobId() == jobId) {
        jobEnded = true;
        ended.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Stops listening. */
  void close() {
    spark.sc().removeSparkListener(this);
  }
}
