package org.simclrspark.driver.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/** The most memory at a time, looked at ten times a second until the process ends. */
final class PeakWatch {

  private static final long INTERVAL_MILLISECONDS = 100;
  private static final String RESIDENT = "VmRSS:";

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
        .mapToLong(process -> resident(process.pid()))
        .sum();
  }

  /** In bytes; 0 of a process that has ended. */
  private static long resident(long process) {
    try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(process), "status"))) {
      return lines
          .filter(line -> line.startsWith(RESIDENT))
          .map(line -> line.substring(RESIDENT.length()).replace("kB", "").strip())
          .mapToLong(kilobytes -> Long.parseLong(kilobytes) * 1024)
          .findFirst()
          .orElse(0);
    } catch (IOException | UncheckedIOException ended) {
      return 0;
    }
  }

  /** In bytes. */
  long peak() {
    look();
    return peak.get();
  }
}
