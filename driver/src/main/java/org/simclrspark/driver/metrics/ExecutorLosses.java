package org.simclrspark.driver.metrics;

import java.util.HashSet;
import java.util.Set;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.ExecutorDecommission;
import org.apache.spark.scheduler.ExecutorKilled;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;

/**
 * Counts the executors that are lost: killed, preempted or decommissioned. One that dynamic
 * allocation gives back because it is idle is none.
 */
public final class ExecutorLosses extends SparkListener implements AutoCloseable {

  /** What Spark says of executors that it needs no more, the latter with decommissioning. */
  private static final Set<String> GIVEN_BACK =
      Set.of(ExecutorKilled.message(), ExecutorDecommission.msgPrefix() + "spark scale down");

  private final SparkContext spark;
  private final Set<String> gone = new HashSet<>();
  private volatile int count;
  private int told;

  /** Starts to listen to Spark. */
  public ExecutorLosses(SparkContext spark) {
    this.spark = spark;
    spark.addSparkListener(this);
  }

  /** Executors that were lost since the start. */
  int count() {
    return count;
  }

  /** Executors that were lost since this was called last. */
  public int sinceLastTime() {
    int before = told;
    told = count;
    return told - before;
  }

  @Override
  public synchronized void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
    // A cluster manager may tell once more of an executor that Spark has removed.
    if (gone.add(removed.executorId()) && !GIVEN_BACK.contains(removed.reason())) {
      count++;
    }
  }

  /** Stops listening. */
  @Override
  public void close() {
    spark.removeSparkListener(this);
  }
}
