package org.simclrspark.driver.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How much faster a training is on more executors, and whether a model of the step says so. */
@Command(
    name = "scaling",
    description = {
      "Trains a narrow ResNet-18 on standalone clusters of its own on this machine: with one",
      "executor, then with more, each a process with one core. Predicts the second time from the",
      "phases of the first: embed, loss, backward and waiting for views are shared by the",
      "executors, the rest is not."
    },
    sortOptions = false)
public final class BenchScalingCommand extends ClusterBenchmark {

  private static final String SETTINGS =
      """
      projection { hidden = 256, dim = 128 }
      train { batch = %d, shards = %d, micro-batch = 64, epochs = 1000, steps = %d }
      checkpoint { every-steps = 0, every-epochs = 0 }
      """;
  private static final int WARM_UP = 4;

  @Option(
      names = "--batch",
      defaultValue = "2048",
      description = "K, images in a step. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--shards",
      defaultValue = "8",
      description = "S, Spark tasks in a step. Default: ${DEFAULT-VALUE}.")
  private int shards;

  @Option(
      names = "--steps",
      defaultValue = "16",
      description = "Steps, of which the first " + WARM_UP + " warm up. Default: ${DEFAULT-VALUE}.")
  private int steps;

  @Override
  protected Map<String, Object> measure(Path directory) throws IOException, InterruptedException {
    int executors = executors();
    require(executors >= 2, "--executors must be at least 2, found " + executors);
    require(steps > WARM_UP, "--steps must be more than " + WARM_UP + ", found " + steps);
    StepTimes one = train(directory.resolve("one"), 1);
    StepTimes many = train(directory.resolve("many"), executors);
    System.out.printf(
        Locale.ROOT, "%-12s%14s%14s%n", "seconds", "1 executor", executors + " executors");
    for (String phase : one.phases()) {
      print(phase, one.phaseSeconds(phase), many.phaseSeconds(phase));
    }
    print("scheduling", one.schedulingSeconds(batch), many.schedulingSeconds(batch));
    double measured = batch / many.imagesPerSecond();
    double predicted = one.predictedSeconds(batch, executors);
    print("step", batch / one.imagesPerSecond(), measured);
    System.out.printf(Locale.ROOT, "%-12s%28.3f%n", "predicted", predicted);
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("executors", executors);
    result.put("batch", batch);
    result.put("shards", shards);
    result.put("images_per_second_one", one.imagesPerSecond());
    result.put("images_per_second", many.imagesPerSecond());
    result.put("speedup", many.imagesPerSecond() / one.imagesPerSecond());
    result.put("step_seconds", measured);
    result.put("predicted_step_seconds", predicted);
    result.put("prediction_error", predicted / measured - 1);
    return result;
  }

  private static void print(String name, double one, double many) {
    System.out.printf(Locale.ROOT, "%-12s%14.3f%14.3f%n", name, one, many);
  }

  private StepTimes train(Path directory, int count) throws IOException, InterruptedException {
    String configuration =
        configuration(String.format(Locale.ROOT, SETTINGS, batch, shards, steps));
    System.out.printf(Locale.ROOT, "Training %d steps on %d executor(s).%n", steps, count);
    try (StandaloneCluster cluster = new StandaloneCluster(directory, count);
        ClusterTraining training =
            new ClusterTraining(cluster, directory, "training", configuration)) {
      training.complete();
      return new StepTimes(training.metrics(), WARM_UP);
    }
  }
}
