package org.simclrspark.driver.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Whether a long training goes on without more and more memory. */
@Command(
    name = "memory",
    description = {
      "Trains many small steps on a standalone cluster of its own on this machine, and compares the",
      "memory of driver and executors in the second quarter of the steps with that in the last."
    },
    sortOptions = false)
public final class BenchMemoryCommand extends ClusterBenchmark {

  private static final String SETTINGS =
      """
      train { batch = 32, shards = 2, micro-batch = 16, epochs = 100000, steps = %d }
      checkpoint { every-steps = 100, every-epochs = 0 }
      """;
  private static final int QUARTERS = 4;
  private static final double MEBIBYTE = 1 << 20;

  @Option(
      names = "--steps",
      defaultValue = "2000",
      description = "Steps to train. Default: ${DEFAULT-VALUE}.")
  private int steps;

  @Override
  protected Map<String, Object> measure(Path directory) throws IOException, InterruptedException {
    require(steps >= QUARTERS, "--steps must be at least " + QUARTERS + ", found " + steps);
    long started = System.nanoTime();
    String configuration = configuration(String.format(Locale.ROOT, SETTINGS, steps));
    System.out.printf(Locale.ROOT, "Training %d steps on %d executor(s).%n", steps, executors());
    try (StandaloneCluster cluster = new StandaloneCluster(directory, executors());
        ClusterTraining training =
            new ClusterTraining(cluster, directory, "training", configuration)) {
      training.complete();
      Map<String, Object> result = report(training.metrics());
      result.put("seconds", (System.nanoTime() - started) / 1e9);
      return result;
    }
  }

  private Map<String, Object> report(List<Map<String, Object>> lines) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("executors", executors());
    result.put("steps", lines.size());
    int quarter = lines.size() / QUARTERS;
    System.out.printf(
        Locale.ROOT, "%-20s%12s%12s%12s%12s%n", "median MiB", "quarter 1", "2", "3", "4");
    for (String name : memory(lines.get(0)).keySet()) {
      long[] medians = new long[QUARTERS];
      for (int i = 0; i < QUARTERS; i++) {
        medians[i] = median(lines.subList(i * quarter, (i + 1) * quarter), name);
      }
      System.out.printf(
          Locale.ROOT,
          "%-20s%12.0f%12.0f%12.0f%12.0f%n",
          name,
          medians[0] / MEBIBYTE,
          medians[1] / MEBIBYTE,
          medians[2] / MEBIBYTE,
          medians[3] / MEBIBYTE);
      result.put(name + "_early", medians[1]);
      result.put(name + "_late", medians[3]);
    }
    return result;
  }

  private static long median(List<Map<String, Object>> lines, String name) {
    long[] sorted =
        lines.stream().mapToLong(line -> memory(line).get(name).longValue()).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Number> memory(Map<String, Object> line) {
    return (Map<String, Number>) line.get("memory");
  }
}
