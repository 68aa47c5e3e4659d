package org.simclrspark.driver.evaluate;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.spark.SparkJobInfo;
import org.apache.spark.SparkStageInfo;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.JavaSparkStatusTracker;

/** Tells every ten seconds which phase runs, and how far its Spark tasks are. */
final class PhaseProgress implements AutoCloseable {

  /** What Spark keeps of a job group, for the jobs of a thread. */
  private static final List<String> GROUP =
      List.of("spark.jobGroup.id", "spark.job.description", "spark.job.interruptOnCancel");

  private static final Duration INTERVAL = Duration.ofSeconds(10);

  private final JavaSparkContext spark;
  private final Consumer<String> tell;
  private final String group = "evaluation " + UUID.randomUUID();
  private final Map<String, String> before = new HashMap<>();
  private final Thread teller = new Thread(this::run, "evaluation-progress");
  private final Map<String, Double> seconds = new LinkedHashMap<>();
  private volatile String phase = "";
  private long start = System.nanoTime();

  /**
   * Starts telling about the jobs of the calling thread.
   *
   * @param tell shows a line
   */
  PhaseProgress(JavaSparkContext spark, Consumer<String> tell) {
    this.spark = spark;
    this.tell = tell;
    for (String property : GROUP) {
      before.put(property, spark.getLocalProperty(property));
    }
    spark.setJobGroup(group, "evaluation");
    teller.setDaemon(true);
    teller.start();
  }

  /** Another phase begins, and the one before it ends. */
  void begin(String name) {
    end();
    phase = name;
  }

  private void end() {
    long now = System.nanoTime();
    if (!phase.isEmpty()) {
      seconds.merge(phase, (now - start) / 1e9, Double::sum);
    }
    start = now;
  }

  /** Seconds of the phases so far, by name, in their order; ends the one that runs. */
  Map<String, Double> seconds() {
    end();
    phase = "";
    return seconds;
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(INTERVAL.toMillis());
        tell.accept("Evaluating: " + phase + tasks() + ".");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** How far the stages are that run now. */
  private String tasks() {
    JavaSparkStatusTracker tracker = spark.statusTracker();
    int done = 0;
    int total = 0;
    for (int job : tracker.getJobIdsForGroup(group)) {
      SparkJobInfo info = tracker.getJobInfo(job);
      if (info == null || !"RUNNING".equals(info.status().name())) {
        continue;
      }
      for (int stage : IntStream.of(info.stageIds()).toArray()) {
        SparkStageInfo of = tracker.getStageInfo(stage);
        if (of != null && of.numActiveTasks() > 0) {
          done += of.numCompletedTasks();
          total += of.numTasks();
        }
      }
    }
    return total == 0 ? "" : String.format(Locale.ROOT, ", %,d of %,d tasks done", done, total);
  }

  @Override
  public void close() {
    teller.interrupt();
    before.forEach(spark::setLocalProperty);
  }
}
