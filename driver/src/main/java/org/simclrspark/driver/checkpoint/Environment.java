package org.simclrspark.driver.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.stream.Collectors;
import org.simclrspark.worker.machine.Isa;
import org.simclrspark.worker.machine.Processor;

/**
 * What the bits of a result depend on besides the configuration: on the same values a resumed run
 * ends with the same parameters, on others with ones that differ by rounding.
 *
 * @param java version of the Java runtime
 * @param nd4j version of ND4J
 * @param natives classifier of ND4J's native library, which has its oneDNN and OpenBLAS linked in
 * @param cpu the processor's model name
 * @param cpuFeatures the vector instructions that oneDNN, OpenBLAS and the vector API choose by
 * @param threadsPerTask threads that a task computes with
 * @param isa the vector instructions that the process is held to; other than native, the bits do
 *     not depend on the processor
 * @param engine library, device and settings that a task computes the encoder with; empty in a
 *     driver and in manifests of earlier versions
 */
public record Environment(
    String java,
    String nd4j,
    String natives,
    String cpu,
    String cpuFeatures,
    int threadsPerTask,
    Isa isa,
    String engine)
    implements Serializable {

  public Environment {
    // Manifests of earlier versions have none.
    isa = isa == null ? Isa.NATIVE : isa;
    engine = engine == null ? "" : engine;
  }

  private static final String UNKNOWN = "unknown";
  private static final Processor PROCESSOR = Processor.current();
  private static final String FEATURES =
      PROCESSOR.flags().stream()
          .filter(flag -> flag.matches("avx.*|fma|amx.*"))
          .sorted()
          .collect(Collectors.joining(" "));

  /** The environment of this process. */
  public static Environment current(int threadsPerTask) {
    return current(threadsPerTask, "");
  }

  /**
   * The environment of a task of this process.
   *
   * @param engine see {@link org.simclrspark.worker.engine.Engine#name()}
   */
  public static Environment current(int threadsPerTask, String engine) {
    String extension = System.getProperty("org.bytedeco.javacpp.platform.extension", "");
    return new Environment(
        Runtime.version().toString(),
        nd4jVersion(),
        System.getProperty("os.name").toLowerCase(Locale.ROOT)
            + "-"
            + System.getProperty("os.arch")
            + extension,
        PROCESSOR.model(),
        FEATURES,
        threadsPerTask,
        Isa.current(),
        engine);
  }

  /** Whether another process chooses its kernels by other instructions. */
  boolean isOnOtherInstructions(Environment other) {
    return isa != other.isa || (isa == Isa.NATIVE && !cpuFeatures.equals(other.cpuFeatures));
  }

  /** Whether another process is known to compute the encoder by another library or device. */
  boolean isOnOtherEngine(Environment other) {
    return !engine.isEmpty() && !other.engine.isEmpty() && !engine.equals(other.engine);
  }

  /** One line a field in which another environment differs; empty if the bits agree. */
  List<String> differences(Environment other) {
    List<String> lines = new ArrayList<>();
    difference(lines, "java", java, other.java);
    difference(lines, "nd4j", nd4j, other.nd4j);
    difference(lines, "natives", natives, other.natives);
    difference(lines, "isa", isa, other.isa);
    if (isa == Isa.NATIVE || isa != other.isa) {
      difference(lines, "cpu", cpu, other.cpu);
      difference(lines, "cpuFeatures", cpuFeatures, other.cpuFeatures);
    }
    difference(lines, "threadsPerTask", threadsPerTask, other.threadsPerTask);
    if (isOnOtherEngine(other)) {
      difference(lines, "engine", engine, other.engine);
    }
    return lines;
  }

  private static void difference(List<String> lines, String name, Object before, Object now) {
    if (!before.equals(now)) {
      lines.add(name + " was " + before + " and is " + now);
    }
  }

  private static String nd4jVersion() {
    String name = "/META-INF/maven/org.nd4j/nd4j-api/pom.properties";
    try (InputStream in = Environment.class.getResourceAsStream(name)) {
      if (in == null) {
        return UNKNOWN;
      }
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version", UNKNOWN);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
