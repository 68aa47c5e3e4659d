package org.simclrspark.driver.train;

import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;

/** Counts the executors that go, be they killed, preempted, or given back when idle. */
final class ExecutorLosses extends SparkListener implements AutoCloseable {

  private final JavaSparkContext spark;
  private final AtomicInteger lost = new AtomicInteger();

  /** Starts to listen to Spark. */
  ExecutorLosses(JavaSparkContext spark) {
    this.spark = spark;
    spark.sc().addSparkListener(this);
  }

  /** Executors that went since this was called last. */
  int sinceLastTime() {
    return lost.getAndSet(0);
  }

  @Override
  public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
    lost.incrementAndGet();
  }

  /** Stops listening. */
  @Override
  public void close() {
    spark.sc().removeSparkListener(this);
  }
}
