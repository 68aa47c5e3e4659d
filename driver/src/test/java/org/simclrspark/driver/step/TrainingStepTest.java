package org.simclrspark.driver.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.ImageRecord.Encoding;
import org.simclrspark.data.augment.AugmentSettings;
import org.simclrspark.data.decode.DecodeLimits;
import org.simclrspark.data.epoch.EpochPlan;
import org.simclrspark.driver.LocalSpark;
import org.simclrspark.worker.ShardWorker;
import org.simclrspark.worker.engine.EngineSettings;
import org.simclrspark.worker.engine.EngineSource;
import org.simclrspark.worker.engine.LinearEngine;
import org.simclrspark.worker.shard.DamagedImage;
import org.simclrspark.worker.shard.ShardPlan;
import org.simclrspark.worker.shard.ShardViews;

/** The step on real Spark, around an encoder whose mathematics is known in closed form. */
class TrainingStepTest {

  private static final int IMAGES = 70;
  private static final int BATCH = 32;
  private static final int DIMENSION = 6;
  private static final int FEATURES = 48;
  private static final double TEMPERATURE = 0.2;
  private static final long SEED = 7;
  private static final EngineSource ENGINES =
      EngineSource.ofNew(() -> new LinearEngine(DIMENSION * FEATURES, DIMENSION));

  private static final JavaSparkContext SPARK = LocalSpark.context();

  @Test
  void lossAndGradientAreThoseOfTheWholeBatchInDoublePrecision() {
    float[] parameters = parameters();
    StepResult result = run(4, 4, parameters);
    assertThat(result.images().skipped()).isZero();
    assertStepIsThatOf(features(4, Set.of()), parameters, result);
  }

  private static void assertStepIsThatOf(
      double[][] features, float[] parameters, StepResult result) {
    assertThat(result.loss().rows()).isEqualTo(features.length);
    assertThat(result.loss().meanLoss()).isCloseTo(loss(features, parameters, -1, 0), within(1e-5));
    double scale = 0;
    for (float g : result.gradient()) {
      scale = Math.max(scale, Math.abs(g));
    }
    double h = 1e-4;
    for (int i = 0; i < parameters.length; i += 13) {
      double expected =
          (loss(features, parameters, i, h) - loss(features, parameters, i, -h)) / (2 * h);
      assertThat((double) result.gradient()[i]).isCloseTo(expected, within(1e-4 * scale));
    }
  }

  @Test
  void anyNumberOfShardsGivesTheSameGradientUpToRounding() {
    float[] parameters = parameters();
    StepResult whole = run(1, 32, parameters);
    for (int shards : new int[] {4, 8}) {
      StepResult split = run(shards, 4, parameters);
      assertThat(split.loss().meanLoss()).isCloseTo(whole.loss().meanLoss(), within(1e-6));
      double difference = 0;
      double norm = 0;
      for (int i = 0; i < parameters.length; i++) {
        difference += Math.pow(split.gradient()[i] - whole.gradient()[i], 2);
        norm += Math.pow(whole.gradient()[i], 2);
      }
      assertThat(Math.sqrt(difference / norm)).isLessThan(2e-6);
    }
  }

  @Test
  void theSameStepGivesTheSameBits() {
    float[] parameters = parameters();
    assertThat(run(4, 2, parameters).gradient()).containsExactly(run(4, 2, parameters).gradient());
  }

  @Test
  void viewsMadeAheadGiveTheSameBits() {
    // Other tests may have left something in the context that they share.
    Set<Integer> before = Set.copyOf(SPARK.getPersistentRDDs().keySet());
    float[] parameters = parameters();
    int shards = 4;
    ShardPlan plan = new ShardPlan(BATCH, shards, 2);
    Augmentation maker =
        new Augmentation(
            AugmentSettings.cifar(), DecodeLimits.DEFAULT, SEED, plan.imagesPerShard(), false);
    JavaRDD<ImageRecord> images = images(1, shards, Set.of());
    try (TrainingStep step =
        new TrainingStep(
            SPARK,
            plan,
            maker,
            new ShardWorker(ENGINES, plan, 0),
            new NtXentSettings(DIMENSION, TEMPERATURE, EngineSettings.automatic(1)),
            new int[0])) {
      StepViews second = step.views(0, images);
      StepViews first = step.views(0, images(0, shards, Set.of()));
      step.run(1, first, parameters, () -> step.makeAhead(second));
      StepResult ahead = step.run(2, second, parameters, () -> {});
      StepResult alone = step.run(2, 0, images, parameters);
      assertThat(Arrays.equals(ahead.gradient(), alone.gradient())).isTrue();
      assertThat(ahead.cost().seconds().get(Phase.EMBED)).isPositive();
      assertThat(before).containsAll(SPARK.getPersistentRDDs().keySet());
    }
  }

  @Test
  void memoryOfDriverAndExecutorsIsMeasured() {
    StepResult result = run(2, 4, parameters());
    assertThat(result.cost().memory().keySet())
        .containsExactly(
            "driver_heap",
            "driver_resident",
            "driver_native",
            "executor_heap",
            "executor_resident",
            "executor_native");
    assertThat(result.cost().memory().get("executor_heap")).isGreaterThan(1 << 20);
    assertThat(result.cost().memory().get("executor_resident")).isGreaterThan(50 << 20);
  }

  @Test
  void everyPhaseIsTimed() {
    StepResult result = run(2, 4, parameters());
    assertThat(result.cost().seconds().keySet()).containsExactly(Phase.values());
    assertThat(result.cost().seconds().get(Phase.BACKWARD)).isPositive();
    assertThat(result.cost().seconds().values())
        .allSatisfy(s -> assertThat(s).isBetween(0.0, 60.0));
  }

  @Test
  void parametersThatAreNotFiniteStopWithStepPhaseAndShard() {
    float[] parameters = parameters();
    parameters[5] = Float.NaN;
    assertThatThrownBy(() -> run(2, 4, parameters))
        .isInstanceOf(DivergedException.class)
        .hasMessageContaining("step 1, phase embed: an embedding of shard 0 holds NaN");
  }

  @Test
  void damagedImagesLeaveTheLossAndTheGradientOfTheOthers() {
    // Of 4 shards of 8 slots: two gaps in the first, none left in the third, one in the fourth.
    List<Long> order = idsOfStep(4);
    Set<Long> damaged = new HashSet<>(List.of(order.get(1), order.get(6)));
    damaged.addAll(order.subList(16, 24));
    damaged.addAll(order.subList(25, 32));
    float[] parameters = parameters();
    StepResult result = run(4, 4, parameters, damaged);

    assertThat(result.images().damaged())
        .extracting(DamagedImage::name)
        .containsExactlyElementsOf(
            order.stream().filter(damaged::contains).map(id -> "image " + id).toList());
    assertThat(result.images().damaged().get(0).reason())
        .isEqualTo("a CIFAR image has 3072 bytes, not 100");
    // An image that is left alone, where micro-batches are of 4, leaves as well.
    assertThat(result.images().skipped()).isEqualTo(damaged.size() + 1);
    Set<Long> gone = new HashSet<>(damaged);
    gone.add(order.get(24));
    assertStepIsThatOf(features(4, gone), parameters, result);

    StepResult single = run(4, 1, parameters, damaged);
    assertThat(single.images().skipped()).isEqualTo(damaged.size());
    assertStepIsThatOf(features(4, damaged), parameters, single);
  }

  @Test
  void aStepOfDamagedImagesIsAnError() {
    Set<Long> damaged = Set.copyOf(idsOfStep(4).subList(0, 31));
    assertThatThrownBy(() -> run(4, 1, parameters(), damaged))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("at least 2 readable images, but step 1 has 1 of 32")
        .hasMessageContaining("(a CIFAR image has 3072 bytes, not 100)");
  }

  private static StepResult run(int shards, int microBatch, float[] parameters) {
    return run(shards, microBatch, parameters, Set.of());
  }

  private static StepResult run(int shards, int microBatch, float[] parameters, Set<Long> damaged) {
    ShardPlan plan = new ShardPlan(BATCH, shards, microBatch);
    ShardWorker worker = new ShardWorker(ENGINES, plan, 0);
    NtXentSettings loss = new NtXentSettings(DIMENSION, TEMPERATURE, EngineSettings.automatic(1));
    Augmentation maker =
        new Augmentation(
            AugmentSettings.cifar(), DecodeLimits.DEFAULT, SEED, plan.imagesPerShard(), true);
    try (TrainingStep step = new TrainingStep(SPARK, plan, maker, worker, loss, new int[0])) {
      return step.run(1, 0, images(1, shards, damaged), parameters);
    }
  }

  /** The images of a step; a partition holds those of one shard. */
  private static JavaRDD<ImageRecord> images(int step, int shards, Set<Long> damaged) {
    EpochPlan plan = new EpochPlan(IMAGES, BATCH, shards, SEED, 0);
    List<ImageRecord> images = new ArrayList<>();
    for (int slot = 0; slot < BATCH; slot++) {
      int id = (int) plan.imageAt((long) step * BATCH + slot);
      byte[] pixels = new byte[3072];
      new SplittableRandom(id).nextBytes(pixels);
      // Smooth colour over noise, so that views of an image resemble each other.
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = (byte) ((pixels[i] & 0x1F) + 200 * ((id * (i / 1024 + 1)) % 17) / 17);
      }
      byte[] stored = damaged.contains((long) id) ? Arrays.copyOf(pixels, 100) : pixels;
      images.add(new ImageRecord(id, null, "image " + id, Encoding.CIFAR, stored));
    }
    return SPARK.parallelize(images, shards);
  }

  /** The ids of the step's images, in the order of shards and slots. */
  private static List<Long> idsOfStep(int shards) {
    return images(1, shards, Set.of()).map(ImageRecord::id).collect();
  }

  private static float[] parameters() {
    return new LinearEngine(DIMENSION * FEATURES, DIMENSION).initialParameters(3);
  }

  /** The averages that the linear engine sees, [N][features], in double precision. */
  private static double[][] features(int shards, Set<Long> without) {
    List<ImageRecord> images =
        images(1, shards, Set.of()).collect().stream()
            .filter(image -> !without.contains(image.id()))
            .toList();
    double[][] features = new double[2 * images.size()][FEATURES];
    Augmentation maker =
        new Augmentation(AugmentSettings.cifar(), DecodeLimits.DEFAULT, SEED, images.size(), false);
    ShardViews views = maker.views(0, images.iterator());
    assertThat(views.first()).hasSize(images.size() * 3072);
    for (int row = 0; row < features.length; row++) {
      byte[] bytes = row % 2 == 0 ? views.first() : views.second();
      for (int i = 0; i < 3072; i++) {
        features[row][i / 64] += (bytes[row / 2 * 3072 + i] & 0xFF) / 255.0 / 64;
      }
    }
    return features;
  }

  /** L with parameter {@code moved} moved by {@code h}: the definition, loop by loop. */
  private static double loss(double[][] features, float[] parameters, int moved, double h) {
    double[][] units = new double[features.length][DIMENSION];
    for (int row = 0; row < units.length; row++) {
      double norm = 0;
      for (int j = 0; j < DIMENSION; j++) {
        for (int k = 0; k < FEATURES; k++) {
          int i = j * FEATURES + k;
          units[row][j] += (parameters[i] + (i == moved ? h : 0)) * features[row][k];
        }
        norm += units[row][j] * units[row][j];
      }
      for (int j = 0; j < DIMENSION; j++) {
        units[row][j] /= Math.sqrt(norm);
      }
    }
    double sum = 0;
    for (int i = 0; i < units.length; i++) {
      double normaliser = 0;
      for (int k = 0; k < units.length; k++) {
        if (k != i) {
          normaliser += Math.exp(similarity(units[i], units[k]));
        }
      }
      sum += Math.log(normaliser) - similarity(units[i], units[i ^ 1]);
    }
    return sum / units.length;
  }

  private static double similarity(double[] a, double[] b) {
    double dot = 0;
    for (int j = 0; j < a.length; j++) {
      dot += a[j] * b[j];
    }
    return dot / TEMPERATURE;
  }
}
