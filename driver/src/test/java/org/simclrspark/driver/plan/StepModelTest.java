package org.simclrspark.driver.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.augment.AugmentSettings;
import org.simclrspark.data.decode.DecodeLimits;
import org.simclrspark.driver.LocalSpark;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.step.Augmentation;
import org.simclrspark.driver.step.NtXentSettings;
import org.simclrspark.driver.step.Phase;
import org.simclrspark.driver.step.StepCost;
import org.simclrspark.driver.step.TrainingStep;
import org.simclrspark.worker.ShardWorker;
import org.simclrspark.worker.engine.EngineSettings;
import org.simclrspark.worker.engine.EngineSource;
import org.simclrspark.worker.engine.LinearEngine;
import org.simclrspark.worker.shard.ShardPlan;

class StepModelTest {

  private static final Rates RATES =
      new Rates(0.02, 0.01, 0.1, 0.02, 1e-9, 2e-9, 1e-9, 0, 2e-8, 0.03, "a test");
  private static final Workload RESNET50 =
      new Workload(8192, 1024, 8, 28_000_000, 60_000, 128, 110_000);

  private static ClusterShape cluster(int executors, String network) {
    return new ClusterShape(
        executors, 8, Optional.empty(), Quantity.bytesPerSecond(network), Double.POSITIVE_INFINITY);
  }

  /** A real step around an encoder that costs nothing. A single shard has nothing to shuffle. */
  @ParameterizedTest
  @ValueSource(ints = {1, 8})
  void bytesAreThoseOfARealStep(int shards) {
    int parameters = 600_000;
    int dimension = 128;
    int images = 512;
    ShardPlan plan = new ShardPlan(images, shards, images / shards);
    JavaSparkContext spark = LocalSpark.context();
    Augmentation views =
        new Augmentation(
            AugmentSettings.cifar(), DecodeLimits.DEFAULT, 1, plan.imagesPerShard(), false);
    ShardWorker worker =
        new ShardWorker(EngineSource.ofNew(() -> new LinearEngine(parameters, dimension)), plan, 0);
    List<ImageRecord> records = new ArrayList<>();
    for (int id = 0; id < images; id++) {
      byte[] pixels = new byte[3072];
      new SplittableRandom(id).nextBytes(pixels);
      records.add(new ImageRecord(id, null, "noise", ImageRecord.Encoding.CIFAR, pixels));
    }
    StepCost cost;
    int slots;
    try (TrainingStep step =
        new TrainingStep(
            spark,
            plan,
            views,
            worker,
            new NtXentSettings(dimension, 0.1, EngineSettings.automatic(1)),
            new int[0])) {
      float[] theta = new LinearEngine(parameters, dimension).initialParameters(1);
      cost = step.run(1, 0, spark.parallelize(records, shards), theta).cost();
      slots = TrainingStep.slots(spark);
    }
    Workload load = new Workload(images, shards, 1, parameters, 0, dimension, 3072);
    StepPlan planned =
        new StepModel(load, RATES)
            .on(new ClusterShape(1, slots, Optional.empty(), 1e9, Double.POSITIVE_INFINITY));
    for (Phase phase :
        List.of(
            Phase.UPDATE, Phase.EMBED, Phase.GATHER, Phase.LOSS, Phase.BACKWARD, Phase.AVERAGE)) {
      double found = cost.bytes().get(phase);
      assertThat((double) planned.bytes().get(phase))
          .as(phase.label())
          .isCloseTo(found, within(0.05 * found));
    }
    assertThat(planned.tasks()).isEqualTo(3 * shards + cost.reducers());
    // The bound of the design: what the driver takes in.
    long floor = 4L * parameters + 2L * images * (4 * dimension + 8);
    long inbound =
        cost.bytes().get(Phase.EMBED)
            + cost.bytes().get(Phase.LOSS)
            + cost.bytes().get(Phase.AVERAGE);
    assertThat((double) inbound).isLessThan(1.1 * floor);
  }

  /** By hand: 16 waves of 64 slots, 8 images a shard. */
  @Test
  void timesOfAStepThatWasWorkedOutByHand() {
    Map<Phase, Double> seconds = new StepModel(RESNET50, RATES).on(cluster(64, "10Gb/s")).seconds();
    assertThat(seconds.get(Phase.UPDATE))
        .isCloseTo(0.56 + Torrent.sent(112_000_000, 64, 1.25e9) / 1.25e9, within(1e-6));
    double framing = 1 + 10.0 / 1024;
    double embeddings = (4.0 * 16384 * 128 * framing + 1024 * 1180) / 1.25e9;
    assertThat(seconds.get(Phase.EMBED)).isCloseTo(16 * 0.1 + embeddings + 0.03, within(1e-6));
    double pairs = 16 * 16.0 * 16384 / 8;
    assertThat(seconds.get(Phase.BACKWARD)).isCloseTo(16 * 0.26 + pairs * 2e-9, within(1e-6));
    double shuffled = 1024 * (4 * 28e6 + 240_000);
    double moving = shuffled / 64 * 63 / 64 / 1.25e9;
    assertThat(seconds.get(Phase.AVERAGE))
        .isCloseTo(
            Math.max(moving, shuffled / 64 * 1e-9)
                + ((4 * 28e6 + 240_000) * framing + 64 * 1900) / 1.25e9
                + 0.03,
            within(1e-6));
  }

  @Test
  void whatTheDriverSendsIsWhatItBroadcastsAndTheTasks() {
    Workload load = new Workload(8, 2, 1, 3 << 20, 0, 1, 0);
    StepPlan one = new StepModel(load, RATES).on(cluster(1, "1Gb/s"));
    assertThat(one.driverOut())
        .isEqualTo(4 * (3L << 20) + 16 * 4 + 16 * 8 + 5 * 18_000 + one.tasks() * 23_000L);
    // Nobody else is there to take anything from it.
    assertThat(one.executorOut()).isEqualTo(one.driverIn());
  }

  @Test
  void theBottleneckIsNamed() {
    StepModel model = new StepModel(RESNET50, RATES);
    assertThat(model.on(cluster(8, "10Gb/s")).bottleneck()).isEqualTo(Bottleneck.COMPUTE);
    assertThat(model.on(cluster(64, "100Mb/s")).bottleneck()).isEqualTo(Bottleneck.NETWORK);
    assertThat(model.on(cluster(4096, "1Gb/s")).bottleneck()).isEqualTo(Bottleneck.DRIVER_NETWORK);
    ClusterShape slowDisks =
        new ClusterShape(64, 8, Optional.empty(), 1e10, Quantity.bytesPerSecond("10MB/s"));
    assertThat(model.on(slowDisks).bottleneck()).isEqualTo(Bottleneck.STORAGE);
    // More executors than shards are idle.
    assertThat(model.worthwhileExecutors(cluster(1, "10Gb/s"))).isBetween(64, 1024);
    double full = model.on(cluster(1024, "10Gb/s")).seconds().get(Phase.EMBED);
    assertThat(model.on(cluster(2048, "10Gb/s")).seconds().get(Phase.EMBED)).isEqualTo(full);
  }

  @Test
  void whatCannotFitIsToldWithItsRemedy() {
    SimclrConfig config =
        SimclrConfig.of("data.train=x", "train.batch=64", "train.shards=4", "train.micro-batch=8");
    ClusterShape cluster = cluster(2, "10Gb/s");
    MemoryPlan needs = MemoryPlan.of(config, Workload.of(config, 3072), cluster);
    assertThat(needs.problems(cluster, Optional.empty(), Optional.empty())).isEmpty();
    assertThat(needs.problems(cluster, Optional.of(64L << 40), Optional.of(64L << 40))).isEmpty();
    assertThat(needs.problems(cluster, Optional.of(100L << 20), Optional.of(200L << 20)))
        .satisfiesExactly(
            problem ->
                assertThat(problem)
                    .startsWith("--executor-memory must be at least ")
                    .contains("found 104.9 MB. Raise it"),
            problem ->
                assertThat(problem)
                    .startsWith("--memory must hold an executor's heap and natives")
                    .contains("found 209.7 MB. Lower worker.activation-memory"));
  }

  @Test
  void ratesAreBitsOrBytes() {
    assertThat(Quantity.bytesPerSecond("10Gb/s")).isEqualTo(1.25e9);
    assertThat(Quantity.bytesPerSecond("200MB/s")).isEqualTo(2e8);
    assertThat(Quantity.bytesPerSecond("1.5 kB/s")).isEqualTo(1500);
    for (String bad : List.of("", "10", "10Gb", "-1Gb/s", "0MB/s", "1..2Gb/s", "10gb/s")) {
      assertThatThrownBy(() -> Quantity.bytesPerSecond(bad))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("must be a rate such as 10Gb/s (bits) or 200MB/s (bytes), found " + bad);
    }
  }
}
