package org.simclrspark.loss.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** Seconds since it was made, of the clock and of this process on all processors. */
final class Stopwatch {
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final long clock = System.nanoTime();
  private final long processor = SYSTEM.getProcessCpuTime();

  /** Seconds of the clock. */
  double seconds() {
    return (System.nanoTime() - clock) / 1e9;
  }

  /** Seconds of the process, the sum over processors; near 0 where the system does not tell. */
  double processorSeconds() {
    return (SYSTEM.getProcessCpuTime() - processor) / 1e9;
  }
}
