package org.simclrspark.driver.metrics;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.simclrspark.driver.report.StepObserver;

/**
 * The latest figures of a run that trains in this driver, for whoever reads metrics. To tell it
 * something is to set a reference: it neither fails nor waits.
 */
public final class LiveTraining implements StepObserver {

  private final LongSupplier nanoTime;
  private final AtomicReference<Map<String, Object>> line = new AtomicReference<>(Map.of());
  private final AtomicLong imagesSkipped = new AtomicLong();
  private volatile boolean isRunning = true;
  private volatile long toldAt;
  private volatile long checkpointAt;
  private volatile double checkpointSeconds = Double.NaN;

  /** A run that starts now, or goes on from a checkpoint. */
  LiveTraining(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.toldAt = nanoTime.getAsLong();
    this.checkpointAt = toldAt;
  }

  @Override
  public void appended(Map<String, ?> values) {
    Map<String, Object> next = new LinkedHashMap<>(values);
    Object accuracy = line.get().get("knn_accuracy");
    if (accuracy != null) {
      next.putIfAbsent("knn_accuracy", accuracy);
    }
    line.set(next);
    imagesSkipped.addAndGet((long) number(next.get("images_skipped"), 0));
    toldAt = nanoTime.getAsLong();
  }

  @Override
  public void amended(long step, Map<String, ?> values) {
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

  /** It trains no more, however that came. */
  void ended() {
    isRunning = false;
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

  /** Of this driver's steps. */
  long imagesSkipped() {
    return imagesSkipped.get();
  }

  /** Seconds since a step, an evaluation or the start; 0 once it has ended. */
  double silence() {
    return isRunning ? since(toldAt) : 0;
  }

  /** Seconds since the last checkpoint, or the start; 0 once it has ended. */
  double checkpointAge() {
    return isRunning ? since(checkpointAt) : 0;
  }

  /** Seconds that the last checkpoint took; NaN before it. */
  double checkpointSeconds() {
    return checkpointSeconds;
  }

  private double since(long moment) {
    return (nanoTime.getAsLong() - moment) / 1e9;
  }

  private static double number(Object value, double otherwise) {
    if (value instanceof Boolean flag) {
      return flag ? 1 : 0;
    }
    return value instanceof Number number ? number.doubleValue() : otherwise;
  }
}
