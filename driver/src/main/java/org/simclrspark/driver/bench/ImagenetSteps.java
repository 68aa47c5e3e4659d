package org.simclrspark.driver.bench;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.decode.DecodeLimits;
import org.simclrspark.data.epoch.EpochPlan;
import org.simclrspark.data.epoch.EpochShards;
import org.simclrspark.data.index.Dataset;
import org.simclrspark.data.index.ReadCounters;
import org.simclrspark.driver.checkpoint.Checkpoints;
import org.simclrspark.driver.checkpoint.Environment;
import org.simclrspark.driver.checkpoint.OptimizerState;
import org.simclrspark.driver.checkpoint.TrainingState;
import org.simclrspark.driver.cli.SparkContexts;
import org.simclrspark.driver.optimizer.Lars;
import org.simclrspark.driver.report.Json;
import org.simclrspark.driver.step.Augmentation;
import org.simclrspark.driver.step.NtXentSettings;
import org.simclrspark.driver.step.Phase;
import org.simclrspark.driver.step.PhaseClock;
import org.simclrspark.driver.step.TrainingStep;
import org.simclrspark.driver.storage.Storage;
import org.simclrspark.worker.ShardWorker;
import org.simclrspark.worker.engine.EngineSettings;
import org.simclrspark.worker.engine.EngineSource;
import org.simclrspark.worker.engine.LinearEngine;
import org.simclrspark.worker.machine.Natives;
import org.simclrspark.worker.shard.ShardPlan;

/**
 * Some steps around an encoder that costs next to nothing, in a process of their own, from the last
 * checkpoint on: {@link #main} takes the directory of a {@link SyntheticImagenet}, K, the number of
 * parameters, a file for the results, and the master or nothing.
 */
final class ImagenetSteps {

  /** Steps that a process runs. */
  static final int STEPS = 3;

  static final int FEATURES = 2048;
  static final int DIMENSION = 128;
  static final int SHARDS = 8;

  private static final long SEED = 1;
  private static final double LEARNING_RATE = 0.1;
  private static final long ACTIVATION_MEMORY = 256L << 20;

  private final SyntheticImagenet data;
  private final int batch;
  private final int parameters;
  private final LinearEngine engine;
  private final Lars lars;
  private final Map<String, Object> result = new LinkedHashMap<>();

  private ImagenetSteps(SyntheticImagenet data, int batch, int parameters) {
    this.data = data;
    this.batch = batch;
    this.parameters = parameters;
    this.engine = new LinearEngine(parameters, DIMENSION, FEATURES);
    this.lars = new Lars(engine.parameters(), 0.9, 1e-6, 0.001);
  }

  /** Where the checkpoints are. */
  static Path checkpoints(SyntheticImagenet data) {
    return data.home().resolve("checkpoints");
  }

  /** Runs the steps. */
  public static void main(String[] arguments) throws Exception {
    PeakWatch heap = PeakWatch.ofHeap();
    Natives.prepare();
    ImagenetSteps steps =
        new ImagenetSteps(
            new SyntheticImagenet(Path.of(arguments[0])),
            Integer.parseInt(arguments[1]),
            Integer.parseInt(arguments[2]));
    String master = arguments.length > 4 ? arguments[4] : null;
    try (JavaSparkContext spark =
        SparkContexts.start(BenchImagenetCommand.APPLICATION, master, 1)) {
      steps.run(spark);
    }
    steps.result.put("heap_peak", heap.peak());
    Files.writeString(Path.of(arguments[3]), Json.line(steps.result));
  }

  private void run(JavaSparkContext spark) {
    Checkpoints checkpoints = openCheckpoints();
    Optional<TrainingState> saved = checkpoints.latest();
    saved.ifPresent(this::restore);
    float[] theta =
        saved.map(TrainingState::parameters).orElseGet(() -> engine.initialParameters(SEED));
    long from = saved.map(TrainingState::step).orElse(0L);
    result.put("from_step", from);
    Dataset dataset = data.train(spark);
    long stepsInEpoch = dataset.count() / batch;
    ReadCounters counters = new ReadCounters(spark);
    try (TrainingStep step = trainingStep(spark)) {
      for (long number = from; number < from + STEPS; number++) {
        int epoch = (int) (number / stepsInEpoch);
        JavaRDD<ImageRecord> images =
            shards(spark, dataset, epoch, counters).step((int) (number % stepsInEpoch));
        lars.update(theta, step.run(number + 1, epoch, images, theta).gradient(), LEARNING_RATE);
        // The clock started with the process.
        result.putIfAbsent("first_step_seconds", secondsOfProcess());
      }
    }
    checkpoints.save(state(from + STEPS, (int) ((from + STEPS) / stepsInEpoch), theta), Map.of());
    read(spark, dataset, counters);
  }

  private Checkpoints openCheckpoints() {
    org.apache.hadoop.fs.Path root =
        new org.apache.hadoop.fs.Path(checkpoints(data).toUri().toString());
    return new Checkpoints(
        Storage.of(root, new Configuration(), System.out::println),
        root,
        Environment.current(1),
        System.out::println);
  }

  private void restore(TrainingState saved) {
    lars.setUpdates(saved.optimizer().updates());
    lars.state()
        .forEach(
            (name, values) ->
                System.arraycopy(saved.optimizer().slots().get(name), 0, values, 0, values.length));
  }

  private TrainingState state(long step, int epoch, float[] theta) {
    OptimizerState optimizer = OptimizerState.of(lars.updates(), lars.state());
    return new TrainingState(step, epoch, theta, new float[0], optimizer, "");
  }

  private TrainingStep trainingStep(JavaSparkContext spark) {
    int length = parameters;
    ShardPlan plan = new ShardPlan(batch, SHARDS, batch / SHARDS);
    EngineSource engines = EngineSource.ofNew(() -> new LinearEngine(length, DIMENSION, FEATURES));
    Augmentation views =
        new Augmentation(
            SyntheticImagenet.AUGMENT, DecodeLimits.DEFAULT, SEED, plan.imagesPerShard(), false);
    return new TrainingStep(
        spark,
        plan,
        views,
        new ShardWorker(engines, plan, ACTIVATION_MEMORY),
        new NtXentSettings(DIMENSION, 0.1, EngineSettings.automatic(1)),
        new int[0]);
  }

  private EpochShards shards(
      JavaSparkContext spark, Dataset dataset, int epoch, ReadCounters counters) {
    EpochPlan order = new EpochPlan(dataset.count(), batch, SHARDS, SEED, epoch);
    return new EpochShards(spark, dataset, order, counters);
  }

  /** Reads the images of steps alone, and counts what is moved for it. */
  private void read(JavaSparkContext spark, Dataset dataset, ReadCounters counters) {
    EpochShards epoch = shards(spark, dataset, 0, counters);
    counters.sinceLastTime();
    long ofImages = 0;
    long shuffled;
    try (PhaseClock clock = new PhaseClock(spark)) {
      clock.restart("order");
      for (int step = 0; step < Math.min(STEPS, epoch.plan().steps()); step++) {
        JavaRDD<Long> bytes = epoch.step(step).map(image -> (long) image.bytes().length);
        ofImages += clock.timeJob(Phase.SHARDS, Phase.EMBED, () -> bytes.fold(0L, Long::sum));
      }
      shuffled = clock.bytes().get(Phase.SHARDS);
    }
    result.put("shuffled_image_bytes", shuffled);
    result.put("read_bytes_ratio", (double) counters.sinceLastTime().get("bytes") / ofImages);
  }

  private static double secondsOfProcess() {
    long started = ManagementFactory.getRuntimeMXBean().getStartTime();
    return (System.currentTimeMillis() - started) / 1e3;
  }
}
