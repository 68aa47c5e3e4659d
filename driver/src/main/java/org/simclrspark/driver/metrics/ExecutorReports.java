package org.simclrspark.driver.metrics;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** The last report of every executor that has reported lately. */
final class ExecutorReports {

  /** After so long without a report an executor counts as gone. */
  private static final long STALE_NANOS = TimeUnit.SECONDS.toNanos(60);

  private record Received(ExecutorReport report, long at) {}

  private final Map<String, Received> byExecutor = new ConcurrentHashMap<>();
  private final LongSupplier nanoTime;

  ExecutorReports(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  void add(ExecutorReport report) {
    byExecutor.put(report.executor(), new Received(report, nanoTime.getAsLong()));
  }

  List<ExecutorReport> current() {
    long now = nanoTime.getAsLong();
    byExecutor.values().removeIf(received -> now - received.at > STALE_NANOS);
    return byExecutor.values().stream().map(Received::report).toList();
  }
}
