package org.simclrspark.driver.bench;

import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.simclrspark.worker.machine.JvmMemory;

/** The most memory at a time, looked at ten times a second until the process ends. */
final class PeakWatch {

  private static final long INTERVAL_MILLISECONDS = 100;

  private final LongSupplier bytes;
  private final AtomicLong peak = new AtomicLong();

  private PeakWatch(LongSupplier bytes) {
    this.bytes = bytes;
  }

  /** Watches the heap in use, garbage included. */
  static PeakWatch ofHeap() {
    return start(() -> ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
  }

  /**
   * Watches this process and those it started: the sum of their resident sets, in which shared
   * pages count for each process.
   */
  static PeakWatch ofProcesses() {
    return start(PeakWatch::resident);
  }

  private static PeakWatch start(LongSupplier bytes) {
    PeakWatch watch = new PeakWatch(bytes);
    Thread thread = new Thread(watch::run, "peak-watch");
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
    peak.accumulateAndGet(bytes.getAsLong(), Math::max);
  }

  private static long resident() {
    ProcessHandle own = ProcessHandle.current();
    return Stream.concat(Stream.of(own), own.descendants())
        .mapToLong(process -> JvmMemory.residentOf(process.pid()))
        .sum();
  }

  /** In bytes. */
  long peak() {
    look();
    return peak.get();
  }
}
