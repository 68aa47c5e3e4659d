package org.simclrspark.driver.bench;

import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicLong;

/** The most heap in use, garbage included, looked at ten times a second. */
final class HeapWatch {

  private static final long INTERVAL_MILLISECONDS = 100;

  private final AtomicLong peak = new AtomicLong();

  private HeapWatch() {}

  /** Starts to look, until the process ends. */
  static HeapWatch start() {
    HeapWatch watch = new HeapWatch();
    Thread thread = new Thread(watch::run, "heap-watch");
    thread.setDaemon(true);
    thread.start();
    return watch;
  }

  private void run() {
    try {
      while (true) {
        look();
        Thread.sleep(INTERVAL_MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look() {
    long used = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    peak.accumulateAndGet(used, Math::max);
  }

  /** In bytes. */
  long peak() {
    look();
    return peak.get();
  }
}
