package org.simclrspark.driver.bench;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.augment.AugmentSettings;
import org.simclrspark.data.decode.DecodeLimits;
import org.simclrspark.driver.cli.Benchmark;
import org.simclrspark.driver.cli.SparkContexts;
import org.simclrspark.driver.optimizer.Lars;
import org.simclrspark.driver.plan.ClusterShape;
import org.simclrspark.driver.plan.Rates;
import org.simclrspark.driver.plan.StepModel;
import org.simclrspark.driver.plan.StepPlan;
import org.simclrspark.driver.plan.Workload;
import org.simclrspark.driver.step.Augmentation;
import org.simclrspark.driver.step.NtXentSettings;
import org.simclrspark.driver.step.Phase;
import org.simclrspark.driver.step.StepCost;
import org.simclrspark.driver.step.StepResult;
import org.simclrspark.driver.step.TrainingStep;
import org.simclrspark.worker.ShardWorker;
import org.simclrspark.worker.engine.EngineSettings;
import org.simclrspark.worker.engine.EngineSource;
import org.simclrspark.worker.engine.LinearEngine;
import org.simclrspark.worker.shard.ShardPlan;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What a step costs beside the encoder: Spark, the network, averaging, the optimizer. */
@Command(
    name = "step",
    description = "Runs real steps around an encoder that costs nothing.",
    sortOptions = false)
public final class BenchStepCommand extends Benchmark {

  private static final int DIMENSION = 128;
  private static final double TEMPERATURE = 0.1;
  private static final long SEED = 1;

  @Spec private CommandSpec spec;

  @Option(
      names = "--parameters",
      defaultValue = "25600000",
      description = "Length of the parameter vector. Default: ${DEFAULT-VALUE}, a ResNet-50.")
  private int parameters;

  @Option(
      names = "--shards",
      defaultValue = "4",
      description = "S, Spark tasks in a step. Default: ${DEFAULT-VALUE}.")
  private int shards;

  @Option(
      names = "--images",
      defaultValue = "64",
      description = "K, images in a step; a multiple of the shards. Default: ${DEFAULT-VALUE}.")
  private int images;

  @Option(
      names = "--steps",
      defaultValue = "7",
      description = "Steps that count, after two that warm up. Default: ${DEFAULT-VALUE}.")
  private int steps;

  @Override
  protected Map<String, Object> measure() {
    ShardPlan plan = plan();
    int length = parameters;
    LinearEngine engine = engine(length);
    Lars lars = new Lars(engine.parameters(), 0.9, 1e-6, 0.001);
    float[] theta = engine.initialParameters(SEED);
    ShardWorker worker = new ShardWorker(EngineSource.ofNew(() -> engine(length)), plan, 0);
    Augmentation views =
        new Augmentation(
            AugmentSettings.cifar(), DecodeLimits.DEFAULT, SEED, plan.imagesPerShard(), false);
    NtXentSettings loss = new NtXentSettings(DIMENSION, TEMPERATURE, EngineSettings.automatic(1));
    List<Map<Phase, Double>> seconds = new ArrayList<>();
    List<Double> overhead = new ArrayList<>();
    StepCost last = null;
    int slots;
    TaskCount tasks = new TaskCount();
    try (JavaSparkContext spark = SparkContexts.start("simclr bench step", master(), 1);
        TrainingStep step = new TrainingStep(spark, plan, views, worker, loss, new int[0])) {
      slots = TrainingStep.slots(spark);
      spark.sc().addSparkListener(tasks);
      JavaRDD<ImageRecord> ofStep = NoiseImages.of(spark, images, shards);
      for (int i = -2; i < steps; i++) {
        long start = System.nanoTime();
        StepResult result = step.run(i + 3, 0, ofStep, theta);
        long update = System.nanoTime();
        lars.update(theta, result.gradient(), 0.1);
        long end = System.nanoTime();
        Map<Phase, Double> ofPhases = new EnumMap<>(result.cost().seconds());
        ofPhases.merge(Phase.UPDATE, (end - update) / 1e9, Double::sum);
        if (i >= 0) {
          seconds.add(ofPhases);
          overhead.add((end - start) / 1e9 - ofPhases.get(Phase.LOSS));
          last = result.cost();
        }
      }
    }
    return report(seconds, overhead, last, planned(slots), tasks.count() / (steps + 2.0));
  }

  /** What the planner says of such a step; of its rates the bytes and tasks know nothing. */
  private StepPlan planned(int slots) {
    Workload load = new Workload(images, shards, 1, parameters, 0, DIMENSION, 0);
    double infinite = Double.POSITIVE_INFINITY;
    return new StepModel(load, new Rates(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ""))
        .on(new ClusterShape(1, slots, Optional.empty(), infinite, infinite));
  }

  private ShardPlan plan() {
    try {
      return new ShardPlan(images, shards, images / shards);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new ParameterException(
          spec.commandLine(),
          "--images must be a positive multiple of --shards, found "
              + images
              + " images and "
              + shards
              + " shards");
    }
  }

  private static LinearEngine engine(int parameters) {
    return new LinearEngine(parameters, DIMENSION);
  }

  private Map<String, Object> report(
      List<Map<Phase, Double>> steps,
      List<Double> overhead,
      StepCost last,
      StepPlan planned,
      double tasks) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("parameters", parameters);
    result.put("shards", shards);
    result.put("images", images);
    result.put("overhead_seconds", median(overhead));
    result.put("reducers", last.reducers());
    result.put("reducer_held_bytes", last.heldBytes());
    result.put("driver_inbound_bytes", inbound(last.bytes()));
    result.put("driver_inbound_floor_bytes", 4L * parameters + 2L * images * (4 * DIMENSION + 8));
    result.put("tasks", tasks);
    result.put("tasks_planned", planned.tasks());
    System.out.printf(Locale.ROOT, "%-10s%10s%16s%16s%n", "phase", "seconds", "bytes", "planned");
    for (Phase phase : steps.get(0).keySet()) {
      double seconds = median(steps.stream().map(step -> step.get(phase)).toList());
      long bytes = last.bytes().getOrDefault(phase, 0L);
      result.put(phase.label() + "_seconds", seconds);
      long ofPlan = planned.bytes().getOrDefault(phase, 0L);
      result.put(phase.label() + "_bytes", bytes);
      result.put(phase.label() + "_bytes_planned", ofPlan);
      System.out.printf(
          Locale.ROOT, "%-10s%10.3f%,16d%,16d%n", phase.label(), seconds, bytes, ofPlan);
    }
    System.out.printf(Locale.ROOT, "%-10s%10s%16.1f%16d%n", "tasks", "", tasks, planned.tasks());
    return result;
  }

  /** What tasks send to the driver: embeddings, log-normalisers and the mean gradient. */
  private static long inbound(Map<Phase, Long> bytes) {
    return Stream.of(Phase.EMBED, Phase.LOSS, Phase.AVERAGE).mapToLong(bytes::get).sum();
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }

  private static final class TaskCount extends SparkListener {

    private final AtomicLong tasks = new AtomicLong();

    @Override
    public void onTaskEnd(SparkListenerTaskEnd end) {
      tasks.incrementAndGet();
    }

    long count() {
      return tasks.get();
    }
  }
}
