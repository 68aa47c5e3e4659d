package org.simclrspark.driver.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.io.FileUtils;
import org.simclrspark.driver.cli.Benchmark;
import org.simclrspark.driver.report.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Whether vector code that runs in Java keeps its rate in a JVM that has done other work: outside
 * the compiler's intrinsics the vector API is a hundred times slower.
 */
@Command(
    name = "vectors",
    description = {
      "Times all vector code that runs in Java (loss, engine, evaluation, augmentation), in a fresh"
          + " JVM and in one that has trained, evaluated and decoded before.",
      "ratio is the second rate over the first; below 0.8 the code has fallen off a cliff."
    },
    sortOptions = false)
public final class BenchVectorsCommand extends Benchmark {

  private static final double LOWEST_RATIO = 0.8;

  @Spec private CommandSpec spec;

  @Option(
      names = "--rounds",
      defaultValue = "2",
      description = "JVMs of each kind, in turns; the best rates count. Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--heap",
      defaultValue = "2g",
      description = "Heap of each. Default: ${DEFAULT-VALUE}.")
  private String heap;

  @Override
  protected Map<String, Object> measure() throws IOException, InterruptedException {
    if (rounds < 1) {
      throw new ParameterException(
          spec.commandLine(), "--rounds must be at least 1, found " + rounds);
    }
    Path directory = Files.createTempDirectory("simclr-vectors");
    Map<String, Double> fresh = new LinkedHashMap<>();
    Map<String, Double> used = new LinkedHashMap<>();
    for (int round = 0; round < rounds; round++) {
      merge(fresh, rates(directory.resolve("fresh-" + round + ".txt"), List.of()));
      merge(
          used,
          rates(
              directory.resolve("used-" + round + ".txt"),
              List.of(directory.resolve("run-" + round).toString())));
    }
    // What a process that failed has left stays, for whoever looks for the reason.
    FileUtils.deleteQuietly(directory.toFile());
    System.out.printf(
        Locale.ROOT, "%-30s%16s%16s%8s%n", "a second", "fresh", "after training", "ratio");
    Map<String, Object> pieces = new LinkedHashMap<>();
    double worst = Double.MAX_VALUE;
    for (Map.Entry<String, Double> piece : fresh.entrySet()) {
      double after = used.get(piece.getKey());
      double ratio = after / piece.getValue();
      worst = Math.min(worst, ratio);
      System.out.printf(
          Locale.ROOT, "%-30s%16.4g%16.4g%8.2f%n", piece.getKey(), piece.getValue(), after, ratio);
      pieces.put(
          piece.getKey(),
          new TreeMap<>(Map.of("fresh", piece.getValue(), "after", after, "ratio", ratio)));
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("benchmark", "vectors");
    result.put("rounds", rounds);
    result.put("rates", pieces);
    result.put("worst_ratio", worst);
    result.put("within_20_percent", worst >= LOWEST_RATIO);
    return result;
  }

  private static void merge(Map<String, Double> best, Map<String, Double> more) {
    more.forEach((name, rate) -> best.merge(name, rate, Math::max));
  }

  /** The rates that a JVM of its own prints last. */
  private Map<String, Double> rates(Path output, List<String> arguments)
      throws IOException, InterruptedException {
    try (JavaProcess process =
        JavaProcess.start(
            output, Map.of(), heap, List.of(), VectorRates.class.getName(), arguments)) {
      process.requireSuccess("The JVM that measures rates");
      List<String> lines = Files.readAllLines(output, StandardCharsets.UTF_8);
      Map<String, Double> rates = new TreeMap<>();
      Json.parse(lines.get(lines.size() - 1))
          .forEach((name, rate) -> rates.put(name, ((Number) rate).doubleValue()));
      return rates;
    }
  }
}
