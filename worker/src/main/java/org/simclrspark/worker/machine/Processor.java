package org.simclrspark.worker.machine;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.FileReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The processor of this machine, as Linux tells of it.
 *
 * @param architecture of the JVM, such as amd64
 * @param model its name
 * @param flags the features it has, such as avx2
 */
public record Processor(String architecture, String model, Set<String> flags) {

  private static final String CPU_INFO = "/proc/cpuinfo";

  /** What the natives are compiled for. */
  private static final List<String> NEEDED = List.of("avx2", "fma");

  public Processor {
    flags = Set.copyOf(flags);
  }

  /**
   * The one that this process runs on. Read through a stream that does not heed interrupts: the
   * first task of an executor may be killed while it looks.
   */
  public static Processor current() {
    String architecture = System.getProperty("os.arch");
    try (BufferedReader lines = new BufferedReader(new FileReader(CPU_INFO, UTF_8))) {
      return parse(architecture, lines.lines().toList());
    } catch (IOException | UncheckedIOException notLinux) {
      return new Processor(architecture, "unknown", Set.of());
    }
  }

  /** Reads {@code /proc/cpuinfo}: the fields of the first processor. */
  static Processor parse(String architecture, List<String> lines) {
    return new Processor(
        architecture,
        field(lines, "model name"),
        new HashSet<>(Arrays.asList(field(lines, "flags").split("\\s+", -1))));
  }

  private static String field(List<String> lines, String name) {
    return lines.stream()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("unknown");
  }

  /** Whether it has a feature, by the name that Linux gives it. */
  public boolean has(String flag) {
    return flags.contains(flag);
  }

  /** Whether the natives run on it. */
  public boolean isSupported() {
    return architecture.equals("amd64") && NEEDED.stream().allMatch(this::has);
  }

  /**
   * Refuses a processor without the instructions that a run is held to.
   *
   * @throws DeviceException if it lacks any
   */
  void requireAll(Isa isa, String machine) {
    List<String> missing = isa.flags().stream().filter(flag -> !has(flag)).toList();
    if (!missing.isEmpty()) {
      throw new DeviceException(
          "The processor must have what worker.isa names, found "
              + model
              + " without "
              + String.join(", ", missing)
              + " on "
              + machine
              + ". Leave that machine out, or start a run with worker.isa=avx2.");
    }
  }

  /**
   * Refuses a processor that the natives do not run on, before it dies of an illegal instruction.
   *
   * @param machine its name, for the message
   * @throws DeviceException if it is not x86-64 with AVX2
   */
  void requireSupported(String machine) {
    if (!isSupported()) {
      throw new DeviceException(
          "The processor must be x86-64 with AVX2 and FMA, found "
              + architecture
              + (model.equals("unknown") ? "" : " (" + model + ")")
              + (architecture.equals("amd64") ? " without them" : "")
              + " on "
              + machine
              + ". Run driver and executors on machines that have them.");
    }
  }
}
