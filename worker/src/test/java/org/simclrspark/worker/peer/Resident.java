package org.simclrspark.worker.peer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Resident memory of this process, as Linux counts it. */
final class Resident {

  private Resident() {}

  /** Resident memory now, in bytes. */
  static long bytes() throws IOException {
    return status("VmRSS");
  }

  /** Its peak since the process started, in bytes. */
  static long peakBytes() throws IOException {
    return status("VmHWM");
  }

  private static long status(String key) throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith(key))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
        .findFirst()
        .orElseThrow();
  }
}
