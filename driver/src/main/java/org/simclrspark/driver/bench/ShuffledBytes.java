package org.simclrspark.driver.bench;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobEnd;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/** Counts the bytes that tasks write to shuffles. Spark reports them a little later. */
final class ShuffledBytes extends SparkListener {

  private static final long PATIENCE_SECONDS = 5;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private int runningJobs;
  private long bytes;

  void restart() {
    lock.lock();
    try {
      bytes = 0;
    } finally {
      lock.unlock();
    }
  }

  /** Bytes written since {@link #restart()}, when the last job has been reported. */
  long awaitWrittenBytes() {
    lock.lock();
    try {
      long left = TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
      while (runningJobs > 0 && left > 0) {
        left = ended.awaitNanos(left);
      }
      return bytes;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return bytes;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onJobStart(SparkListenerJobStart job) {
    lock.lock();
    try {
      runningJobs++;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd task) {
    if (task.taskMetrics() == null) {
      return;
    }
    lock.lock();
    try {
      bytes += task.taskMetrics().shuffleWriteMetrics().bytesWritten();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onJobEnd(SparkListenerJobEnd job) {
    lock.lock();
    try {
      runningJobs--;
      ended.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
