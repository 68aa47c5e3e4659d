package org.simclrspark.driver.plan;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.epoch.PartitionRdd;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.optimizer.Optimizer;
import org.simclrspark.driver.optimizer.Optimizers;
import org.simclrspark.driver.step.Augmentation;
import org.simclrspark.driver.step.NtXentSettings;
import org.simclrspark.driver.step.Phase;
import org.simclrspark.driver.step.ShardJob;
import org.simclrspark.driver.step.Slicing;
import org.simclrspark.driver.step.StepResult;
import org.simclrspark.driver.step.TrainingStep;
import org.simclrspark.loss.Embeddings;
import org.simclrspark.loss.NtXent;
import org.simclrspark.loss.RowStatistics;
import org.simclrspark.worker.Engines;
import org.simclrspark.worker.ShardWorker;
import org.simclrspark.worker.engine.EngineSettings;
import org.simclrspark.worker.network.EncoderSettings;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.shard.RawFloats;
import org.simclrspark.worker.shard.ShardPlan;

/**
 * Measures the constants of the model, in about a minute: real steps of the configuration's encoder
 * on the cluster, one shard for each task that runs at a time, of one micro-batch and of two. What
 * the second adds is the time of its images, the rest is that of the task. Where only one task runs
 * at a time it has two shards in turn, since a single shard's gradient is not averaged.
 */
public final class RateCalibration {

  /** Steps before those that count. */
  private static final int WARM_UP_STEPS = 2;

  /** Seconds until code is compiled, also where executors share few cores with the driver. */
  private static final double COLD_SECONDS = 30;

  private static final double WARM_SECONDS = 10;

  /** Steps whose medians count, at least, and their seconds. */
  private static final int STEPS = 3;

  private static final double SECONDS = 5;
  private static final int ROWS = 2048;
  private static final Duration EXECUTOR_PATIENCE = Duration.ofSeconds(15);
  private static final long POLL_MILLISECONDS = 100;

  private final JavaSparkContext spark;
  private final SimclrConfig config;
  private final List<ImageRecord> images;
  private final int slots;
  private final int shards;

  /**
   * Prepares to measure.
   *
   * @param images some of those to train on
   * @param executors that are waited for, for some seconds; there may be fewer
   */
  public RateCalibration(
      JavaSparkContext spark, SimclrConfig config, List<ImageRecord> images, int executors) {
    await(spark, executors);
    this.spark = spark;
    this.config = config;
    this.images = images;
    this.slots = TrainingStep.slots(spark);
    this.shards = Math.max(2, slots);
  }

  private static void await(JavaSparkContext spark, int executors) {
    long deadline = System.nanoTime() + EXECUTOR_PATIENCE.toNanos();
    try {
      // The driver is among those that Spark tells of.
      while (!spark.isLocal()
          && spark.sc().statusTracker().getExecutorInfos().length - 1 < executors
          && System.nanoTime() < deadline) {
        Thread.sleep(POLL_MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Measures. */
  public Rates measure() {
    List<Measured> small = steps(1, COLD_SECONDS);
    List<Measured> large = steps(2, WARM_SECONDS);
    int added = config.train().microBatch();
    double job = job();
    Network network = new Network(config.encoderSettings());
    double parameters = network.layout().size();
    double[] pairs = pairs();
    int waves = shards / slots;
    double embed = (phase(small, Phase.EMBED) - job) / waves;
    double embedPerImage = ((phase(large, Phase.EMBED) - job) / waves - embed) / added;
    double backward = phase(small, Phase.BACKWARD) / waves;
    double backwardPerImage = (phase(large, Phase.BACKWARD) / waves - backward) / added;
    double shuffled = 4 * parameters * shards;
    double mean = Math.max(0, mean(network.layout().size()) - job);
    double driver =
        phase(small, Phase.UPDATE)
            + median(small, Measured::optimizer)
            + median(small, Measured::rest);
    return new Rates(
        Math.max(0, embed - embedPerImage * added),
        embedPerImage,
        Math.max(0, backward - backwardPerImage * added),
        backwardPerImage,
        pairs[0],
        pairs[1],
        Math.max(0, phase(small, Phase.AVERAGE) - job - mean)
            * Math.min(slots, Math.ceil(4 * parameters / (1 << 20)))
            / shuffled,
        mean / parameters,
        driver / parameters,
        job,
        "measured on " + slots + " tasks at a time");
  }

  private record Measured(StepResult step, double optimizer, double rest) {}

  /**
   * Measures steps.
   *
   * @param warmUp seconds before those that count
   */
  private List<Measured> steps(int microBatches, double warmUp) {
    int perShard = config.train().microBatch() * microBatches;
    ShardPlan plan = new ShardPlan(shards * perShard, shards, config.train().microBatch());
    EncoderSettings encoder = config.encoderSettings();
    EngineSettings engines = config.worker().engineSettings();
    Network network = new Network(encoder);
    ShardWorker worker =
        new ShardWorker(
            () -> Engines.borrow(encoder, engines), plan, config.worker().activationMemory());
    Augmentation views =
        new Augmentation(
            config.augment().settings(),
            config.data().limits(),
            config.train().seed(),
            perShard,
            true);
    NtXentSettings loss =
        new NtXentSettings(config.projection().dim(), config.loss().temperature(), engines);
    List<ImageRecord> ofStep = new ArrayList<>();
    for (int i = 0; i < plan.batch(); i++) {
      ImageRecord image = images.get(i % images.size());
      ofStep.add(new ImageRecord(i, image.label(), image.name(), image.encoding(), image.bytes()));
    }
    float[] theta = network.initialParameters(config.train().seed());
    float[] updated = theta.clone();
    Optimizer optimizer = Optimizers.create(config.optimizer(), network.layout());
    List<Measured> measured = new ArrayList<>();
    try (TrainingStep step =
        new TrainingStep(spark, plan, views, worker, loss, network.normChannels())) {
      var distributed = spark.parallelize(ofStep, shards);
      double measuring = 0;
      long began = System.nanoTime();
      for (int i = 1; measured.size() < STEPS || measuring < SECONDS; i++) {
        boolean counts = i > WARM_UP_STEPS && seconds(began) > warmUp;
        long start = System.nanoTime();
        StepResult result = step.run(i, 0, distributed, theta);
        long stepped = System.nanoTime();
        optimizer.update(updated, result.gradient(), 1e-3);
        double optimizing = (System.nanoTime() - stepped) / 1e9;
        double phases =
            result.cost().seconds().values().stream().mapToDouble(Double::doubleValue).sum();
        if (counts) {
          measuring += seconds(start);
          measured.add(
              new Measured(result, optimizing, Math.max(0, (stepped - start) / 1e9 - phases)));
        }
      }
    }
    return measured;
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }

  /** Seconds of a job whose tasks do nothing. */
  private double job() {
    List<Integer> numbers = Collections.nCopies(slots, 0);
    return median(() -> ShardJob.run(spark.parallelize(numbers, slots)));
  }

  /** Seconds of a job that brings a mean from its reducers to the driver. */
  private double mean(int length) {
    int reducers = Slicing.of(length, shards, slots).reducers();
    List<Integer> lengths = Collections.nCopies(reducers, length / reducers);
    return median(
        () ->
            ShardJob.run(
                PartitionRdd.toOne(
                    spark.parallelize(lengths, reducers),
                    (reducer, values) -> new RawFloats(new float[values.next()]))));
  }

  private static double median(Runnable work) {
    double[] seconds = new double[9];
    for (int i = 0; i < seconds.length; i++) {
      long start = System.nanoTime();
      work.run();
      seconds[i] = seconds(start);
    }
    Arrays.sort(seconds);
    return seconds[seconds.length / 2];
  }

  /** Seconds of a similarity in the log-normalisers and in the gradient, on one thread. */
  private double[] pairs() {
    int d = config.projection().dim();
    Random random = new Random(1);
    float[] values = new float[ROWS * d];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    Embeddings z = Embeddings.of(values, d);
    NtXent loss = new NtXent(config.loss().temperature(), 1);
    float[] dz = new float[ROWS / 2 * d];
    double[] seconds = new double[2];
    RowStatistics all = loss.all(z);
    for (int i = 0; i < 4; i++) {
      long start = System.nanoTime();
      loss.rows(z, 0, ROWS / 2);
      long between = System.nanoTime();
      loss.gradient(z, all.logNormalisers(), 0, ROWS / 2, dz, 0);
      seconds[0] = (between - start) / 1e9;
      seconds[1] = (System.nanoTime() - between) / 1e9;
    }
    double pairs = (double) ROWS / 2 * ROWS;
    return new double[] {seconds[0] / pairs, seconds[1] / pairs};
  }

  private static double phase(List<Measured> steps, Phase phase) {
    return median(steps, step -> step.step().cost().seconds().getOrDefault(phase, 0.0));
  }

  private static double median(List<Measured> steps, ToDoubleFunction<Measured> value) {
    return steps.stream()
        .mapToDouble(value)
        .sorted()
        .skip(steps.size() / 2)
        .findFirst()
        .orElseThrow();
  }
}
