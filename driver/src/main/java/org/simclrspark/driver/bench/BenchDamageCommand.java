package org.simclrspark.driver.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.simclrspark.data.bench.DamageCheck;
import org.simclrspark.driver.cli.Benchmark;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Whether any damaged image ends the process, hangs it, or is refused without a reason. */
@Command(
    name = "damage",
    description = {
      "Decodes valid images of every format with bytes flipped, cut, repeated and left out, and with",
      "headers that lie, in a JVM of its own. The same seed gives the same images."
    },
    sortOptions = false)
public final class BenchDamageCommand extends Benchmark {

  private static final long HANG_SECONDS = 30;
  private static final int POLL_MILLISECONDS = 50;
  private static final String INCUBATOR_WARNING = "WARNING: Using incubator modules";

  @Spec private CommandSpec spec;

  @Option(
      names = "--images",
      paramLabel = "N",
      defaultValue = "2000",
      description = "Images to decode. Default: ${DEFAULT-VALUE}.")
  private int images;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Seed of the damage. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--first",
      paramLabel = "INDEX",
      defaultValue = "0",
      description = "Index of the first image, to look at one again. Default: ${DEFAULT-VALUE}.")
  private int first;

  @Option(
      names = "--heap",
      defaultValue = "2g",
      description = "Heap of the JVM that decodes. Default: ${DEFAULT-VALUE}.")
  private String heap;

  @Option(
      names = "--configurations",
      paramLabel = "N",
      defaultValue = "500",
      description = "Configurations to read, damaged likewise. Default: ${DEFAULT-VALUE}.")
  private int configurations;

  private int crashes;
  private int hangs;
  private final DamageReport report = new DamageReport();

  @Override
  protected Map<String, Object> measure() throws IOException, InterruptedException {
    if (images < 1 || first < 0 || configurations < 0) {
      throw new ParameterException(
          spec.commandLine(),
          "--images must be positive, --first and --configurations not negative, found "
              + images
              + ", "
              + first
              + " and "
              + configurations);
    }
    long started = System.nanoTime();
    int end = Math.addExact(first, images);
    int next = first;
    while (next < end) {
      next = decode(next, end);
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("benchmark", "damage");
    result.put("seed", seed);
    result.put("images", images);
    result.putAll(report.figures());
    result.put("crashes", crashes);
    result.put("hangs", hangs);
    result.putAll(configurations());
    result.put("seconds", (System.nanoTime() - started) / 1e9);
    return result;
  }

  private Map<String, Object> configurations() throws IOException {
    Path scratch = Files.createTempDirectory("simclr-damage");
    Path presets = Path.of(System.getenv().getOrDefault("SIMCLR_HOME", "."), "conf");
    ConfigurationDamage.Counts counts =
        ConfigurationDamage.run(configurations, seed, presets, scratch);
    counts.failures().forEach(System.out::println);
    delete(scratch);
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("configurations", counts.configurations());
    result.put("configurations_accepted", counts.accepted());
    result.put("configurations_refused", counts.refused());
    result.put("configurations_failed", counts.failures().size());
    return result;
  }

  /** Decodes in one process until it is done or dies, and returns the index to go on from. */
  private int decode(int from, int end) throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("simclr-damage");
    Path output = directory.resolve("output.txt");
    List<String> arguments =
        List.of(Long.toString(seed), Integer.toString(from), Integer.toString(end));
    boolean hangs;
    int status;
    try (JavaProcess process =
        JavaProcess.start(
            output,
            Map.of(),
            heap,
            List.of("-XX:ErrorFile=" + directory.resolve("crash.log")),
            DamageCheck.class.getName(),
            arguments)) {
      hangs = hangs(process, output);
      if (hangs) {
        process.kill();
      }
      status = process.exitStatus();
    }
    List<String> lines = Files.readAllLines(output, StandardCharsets.UTF_8);
    lines.stream().filter(line -> !line.contains(INCUBATOR_WARNING)).forEach(report::add);
    if (!hangs && status == 0) {
      delete(directory);
      return end;
    }
    if (report.lastIndex() < from) {
      throw new IllegalStateException("The process ended before the first image, see " + output);
    }
    System.out.printf(
        Locale.ROOT,
        "%s at image %d (%s); see %s%n",
        hangs ? "The process hangs" : "The process ended with status " + status,
        report.lastIndex(),
        report.lastImage(),
        directory);
    if (hangs) {
      this.hangs++;
    } else {
      crashes++;
    }
    return report.lastIndex() + 1;
  }

  /** Waits for the end; true if nothing has been written for long. */
  private static boolean hangs(JavaProcess process, Path output)
      throws IOException, InterruptedException {
    long length = 0;
    long since = System.nanoTime();
    while (process.isAlive()) {
      Thread.sleep(POLL_MILLISECONDS);
      long now = Files.size(output);
      if (now != length) {
        length = now;
        since = System.nanoTime();
      } else if (System.nanoTime() - since > HANG_SECONDS * 1_000_000_000L) {
        return true;
      }
    }
    return false;
  }

  private static void delete(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }
}
