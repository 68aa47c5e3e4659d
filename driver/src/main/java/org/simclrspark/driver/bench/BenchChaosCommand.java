package org.simclrspark.driver.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Breaks a cluster while it trains, and compares the result with an undisturbed run's. */
@Command(
    name = "chaos",
    description = {
      "Trains twice on a standalone cluster of its own on this machine: undisturbed, and with",
      "executors and drivers killed at random moments. Tells each kill's phase and cost, and",
      "whether the final parameters agree bit for bit."
    },
    sortOptions = false)
public final class BenchChaosCommand extends ClusterBenchmark {

  private static final String SETTINGS =
      """
      train { batch = 128, shards = 4, micro-batch = 32, epochs = 1000, steps = %d }
      checkpoint.every-steps = 2
      """;

  @Option(
      names = "--kills",
      defaultValue = "20",
      description = "Executors to kill. Default: ${DEFAULT-VALUE}.")
  private int kills;

  @Option(
      names = "--driver-kills",
      defaultValue = "3",
      description = "Drivers to kill and start again. Default: ${DEFAULT-VALUE}.")
  private int driverKills;

  @Option(names = "--steps", description = "Steps to train. Default: two for every kill, and six.")
  private Integer steps;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Of the random moments. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Override
  protected Map<String, Object> measure(Path directory) throws IOException, InterruptedException {
    require(
        kills >= 0 && driverKills >= 0,
        "--kills and --driver-kills must not be negative, found " + kills + " and " + driverKills);
    int stepsToTrain = steps == null ? 2 * (kills + driverKills) + 6 : steps;
    String settings = String.format(Locale.ROOT, SETTINGS, stepsToTrain);
    long started = System.nanoTime();
    try (StandaloneCluster cluster = new StandaloneCluster(directory, executors());
        ClusterTraining calm =
            new ClusterTraining(cluster, directory, "undisturbed", configuration(settings));
        ClusterTraining disturbed =
            new ClusterTraining(cluster, directory, "disturbed", configuration(settings))) {
      System.out.printf(Locale.ROOT, "Training %d steps undisturbed.%n", stepsToTrain);
      calm.complete();
      System.out.printf(
          Locale.ROOT,
          "Training them again with %d executors and %d drivers killed.%n",
          kills,
          driverKills);
      Disturbance disturbance = new Disturbance(cluster, disturbed, seed);
      List<Disturbance.Kill> done = disturbance.run(kills, driverKills, stepsToTrain);
      double usual = new StepTimes(calm.metrics(), 0).stepSeconds();
      for (Disturbance.Kill kill : done) {
        System.out.printf(
            Locale.ROOT,
            "%-9s killed in step %3d, phase %-14s cost %5.1f s%n",
            kill.victim(),
            kill.step(),
            kill.phase() + ":",
            disturbance.cost(kill, usual));
      }
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("kills", count(done, Disturbance.EXECUTOR));
      result.put("driver_kills", count(done, Disturbance.DRIVER));
      result.put("steps", disturbed.metrics().size());
      result.put("seconds", (System.nanoTime() - started) / 1e9);
      result.put("step_seconds", usual);
      result.put("parameters_sha256", disturbed.hash());
      result.put("bits_agree", disturbed.hash().equals(calm.hash()));
      return result;
    }
  }

  private static long count(List<Disturbance.Kill> kills, String victim) {
    return kills.stream().filter(kill -> kill.victim().equals(victim)).count();
  }
}
