package org.simclrspark.driver.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * The most memory that this process and those it started hold at a time, looked at ten times a
 * second: the sum of their resident sets, in which shared pages count for each process.
 */
final class MemoryWatch {

  private static final long INTERVAL_MILLISECONDS = 100;
  private static final String RESIDENT = "VmRSS:";

  private final AtomicLong peak = new AtomicLong();

  private MemoryWatch() {}

  /** Starts to look, until the process ends. */
  static MemoryWatch start() {
    MemoryWatch watch = new MemoryWatch();
    Thread thread = new Thread(watch::run, "memory-watch");
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
    ProcessHandle own = ProcessHandle.current();
    long resident =
        Stream.concat(Stream.of(own), own.descendants())
            .mapToLong(process -> resident(process.pid()))
            .sum();
    peak.accumulateAndGet(resident, Math::max);
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
