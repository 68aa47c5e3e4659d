package org.simclrspark.driver.train;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.ExecutorDecommission;
import org.apache.spark.scheduler.ExecutorKilled;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;

/**
 * Counts the executors that are lost: killed, preempted or decommissioned. One that dynamic
 * allocation gives back because it is idle is none.
 */
final class ExecutorLosses extends SparkListener implements AutoCloseable {

  /** What Spark says of executors that it needs no more, the latter with decommissioning. */
  private static final Set<String> GIVEN_BACK =
      Set.of(ExecutorKilled.message(), ExecutorDecommission.msgPrefix() + "spark scale down");

  private final JavaSparkContext spark;
  private final Set<String> gone = new HashSet<>();
  private final AtomicInteger lost = new AtomicInteger();

  /** Starts to listen to Spark. */
  ExecutorLosses(JavaSparkContext spark) {
    this.spark = spark;
    spark.sc().addSparkListener(this);
  }

  /** Executors that were lost since this was called last. */
  int sinceLastTime() {
    return lost.getAndSet(0);
  }

  @Override
  public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
    // A cluster manager may tell once more of an executor that Spark has removed.
    if (gone.add(removed.executorId()) && !GIVEN_BACK.contains(removed.reason())) {
      lost.incrementAndGet();
    }
  }

  /** Stops listening. */
  @Override
  public void close() {
    spark.sc().removeSparkListener(this);
  }
}
