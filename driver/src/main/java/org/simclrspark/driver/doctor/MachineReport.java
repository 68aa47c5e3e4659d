package org.simclrspark.driver.doctor;

import java.io.IOException;
import java.io.Serializable;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.simclrspark.worker.Engines;
import org.simclrspark.worker.engine.Engine;
import org.simclrspark.worker.machine.Processor;
import org.simclrspark.worker.network.EncoderSettings;
import org.simclrspark.worker.network.EncoderSettings.Initialization;
import org.simclrspark.worker.network.EncoderSettings.Norm;
import org.simclrspark.worker.network.EncoderSettings.Stem;

/**
 * What a process tells of itself and its machine.
 *
 * @param name of the process: the driver, or an executor and its host
 * @param java version of its runtime
 * @param processor model
 * @param instructions the widest vector instructions, such as AVX-512
 * @param natives empty if an engine could be made, else why not
 * @param heapBytes largest heap of its JVM
 * @param freeBytes memory that the machine, or the container, has left for it
 * @param clockMillis its clock, since 1970
 */
record MachineReport(
    String name,
    String java,
    String processor,
    String instructions,
    String natives,
    long heapBytes,
    long freeBytes,
    long clockMillis)
    implements Serializable {

  private static final EncoderSettings SMALL =
      new EncoderSettings(
          18, 0.125, Stem.SMALL, Norm.BATCH, 32, true, Initialization.SIMCLR, 1, 8, 8);

  private static final Path MEMORY = Path.of("/proc/meminfo");
  private static final Path LIMIT = Path.of("/sys/fs/cgroup/memory.max");
  private static final Path USED = Path.of("/sys/fs/cgroup/memory.current");

  /** The report of this process. */
  static MachineReport here(String name) {
    long clock = System.currentTimeMillis();
    Processor processor = Processor.current();
    return new MachineReport(
        name + " on " + host(),
        Runtime.version().toString(),
        processor.model(),
        instructions(processor),
        loadNatives(),
        Runtime.getRuntime().maxMemory(),
        memoryLeft(),
        clock);
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (IOException e) {
      return "unknown";
    }
  }

  private static String instructions(Processor processor) {
    if (processor.has("avx512f")) {
      return "AVX-512";
    }
    return processor.has("avx2") ? "AVX2" : "neither AVX2 nor AVX-512";
  }

  /** Loads the native libraries by making an engine. */
  private static String loadNatives() {
    try (Engine engine = Engines.create(SMALL, 1)) {
      return engine.embeddingSize() == SMALL.embeddingSize() ? "" : "an engine of another size";
    } catch (RuntimeException | LinkageError e) {
      return String.valueOf(e.getMessage()).lines().findFirst().orElse(e.toString());
    }
  }

  /** What the machine has left, or the container where that is less. */
  private static long memoryLeft() {
    long machine = Long.MAX_VALUE;
    try {
      for (String line : Files.readAllLines(MEMORY)) {
        if (line.startsWith("MemAvailable:")) {
          machine = Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
        }
      }
      String limit = Files.readString(LIMIT).strip();
      if (!limit.equals("max")) {
        long left = Long.parseLong(limit) - Long.parseLong(Files.readString(USED).strip());
        return Math.min(machine, left);
      }
    } catch (IOException noSuchLimit) {
      // Not in a container of its own, or not on Linux.
    }
    return machine;
  }
}
