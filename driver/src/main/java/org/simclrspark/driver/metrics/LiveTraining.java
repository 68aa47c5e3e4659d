package org.simclrspark.driver.metrics;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

/**
 * The latest figures of the training in this driver, for whoever reads metrics. To tell it
 * something is to set a reference: it neither fails nor waits. Where several runs share an
 * application, the figures are those of the run that told last.
 */
public final class LiveTraining {

  /** The one of this process. */
  public static final LiveTraining CURRENT = new LiveTraining(System::nanoTime);

  private static final long NEVER = Long.MIN_VALUE;

  private final LongSupplier nanoTime;
  private final AtomicReference<Map<String, Object>> line = new AtomicReference<>(Map.of());
  private final AtomicLong running = new AtomicLong();
  private final AtomicLong imagesSkipped = new AtomicLong();
  private final AtomicLong executorsLost = new AtomicLong();
  private volatile long toldAt = NEVER;
  private volatile long checkpointAt = NEVER;
  private volatile double checkpointSeconds = Double.NaN;

  LiveTraining(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** A run starts, or goes on from a checkpoint. */
  public void started() {
    running.incrementAndGet();
    toldAt = nanoTime.getAsLong();
    checkpointAt = toldAt;
  }

  /** A run has ended, however it did. */
  public void ended() {
    running.decrementAndGet();
  }

  /**
   * A step is done.
   *
   * @param values its line in the metrics, which is not changed any more
   */
  public void step(Map<String, Object> values) {
    Map<String, Object> next = new LinkedHashMap<>(values);
    Object accuracy = line.get().get("knn_accuracy");
    if (accuracy != null) {
      next.putIfAbsent("knn_accuracy", accuracy);
    }
    line.set(next);
    imagesSkipped.addAndGet((long) number(next.get("images_skipped"), 0));
    executorsLost.addAndGet((long) number(next.get("executors_lost"), 0));
    toldAt = nanoTime.getAsLong();
  }

  /** An evaluation is done, which adds values to the line of its step. */
  public void evaluated(Map<String, Object> values) {
    Map<String, Object> next = new LinkedHashMap<>(line.get());
    next.putAll(values);
    line.set(next);
    toldAt = nanoTime.getAsLong();
  }

  /**
   * A checkpoint is written.
   *
   * @param seconds that it took
   */
  public void checkpointed(double seconds) {
    checkpointSeconds = seconds;
    checkpointAt = nanoTime.getAsLong();
  }

  /** A value of the last line; NaN where there is none. */
  double value(String name) {
    return number(line.get().get(name), Double.NaN);
  }

  /** A value of a map in the last line; NaN where there is none. */
  double value(String map, String name) {
    return line.get().get(map) instanceof Map<?, ?> values
        ? number(values.get(name), Double.NaN)
        : Double.NaN;
  }

  /** Runs that train now. */
  long running() {
    return running.get();
  }

  long imagesSkipped() {
    return imagesSkipped.get();
  }

  long executorsLost() {
    return executorsLost.get();
  }

  /** Seconds since a step, an evaluation or the start; 0 while nothing trains. */
  double silence() {
    return running() > 0 ? since(toldAt) : 0;
  }

  /** Seconds since the last checkpoint, or the start; 0 while nothing trains. */
  double checkpointAge() {
    return running() > 0 ? since(checkpointAt) : 0;
  }

  /** Seconds that the last checkpoint took; NaN before it. */
  double checkpointSeconds() {
    return checkpointSeconds;
  }

  private double since(long moment) {
    return moment == NEVER ? 0 : (nanoTime.getAsLong() - moment) / 1e9;
  }

  private static double number(Object value, double otherwise) {
    if (value instanceof Boolean flag) {
      return flag ? 1 : 0;
    }
    return value instanceof Number number ? number.doubleValue() : otherwise;
  }
}
