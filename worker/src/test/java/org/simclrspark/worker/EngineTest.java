package org.simclrspark.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.simclrspark.worker.EncoderSettings.Initialization;
import org.simclrspark.worker.EncoderSettings.Norm;
import org.simclrspark.worker.EncoderSettings.Stem;

class EngineTest {

  private static EncoderSettings settings(Norm norm, double width) {
    return new EncoderSettings(
        18, width, Stem.SMALL, norm, 16, false, Initialization.SIMCLR, 2, 24, 20);
  }

  private static float[] random(int length, long seed) {
    Random random = new Random(seed);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = random.nextFloat();
    }
    return values;
  }

  private static float[] views(EncoderSettings settings, int count) {
    return random(count * 3 * settings.imageSize() * settings.imageSize(), 11);
  }

  /** Embeddings, statistics and gradient of one micro-batch. */
  private static float[][] step(Engine engine, float[] views, float[] dz, int from, int count) {
    int view = views.length * engine.embeddingSize() / dz.length;
    float[] gradient = new float[engine.parameters().size()];
    int d = engine.embeddingSize();
    try (Engine.Activations activations =
        engine.forward(Arrays.copyOfRange(views, from * view, (from + count) * view), count)) {
      engine.backward(activations, Arrays.copyOfRange(dz, from * d, (from + count) * d), gradient);
      return new float[][] {
        activations.embeddings().clone(), activations.statistics().clone(), gradient
      };
    }
  }

  static double difference(float[] a, float[] b) {
    double difference = 0;
    double size = 0;
    for (int i = 0; i < a.length; i++) {
      difference += Math.pow((double) a[i] - b[i], 2);
      size += Math.pow(b[i], 2);
    }
    return Math.sqrt(difference / size);
  }

  @ParameterizedTest
  @EnumSource
  void repeatingAMicroBatchGivesTheSameBits(Norm norm) {
    EncoderSettings settings = settings(norm, 0.25);
    float[] views = views(settings, 5);
    float[] dz = random(5 * 20, 2);
    try (Engine engine = Engines.create(settings, 2)) {
      engine.load(engine.initialParameters(1));
      float[][] first = step(engine, views, dz, 0, 5);
      // Another size in between must leave no trace.
      step(engine, views, dz, 1, 3);
      assertThat(step(engine, views, dz, 0, 5)).isDeepEqualTo(first);
    }
  }

  @ParameterizedTest
  @EnumSource
  void threadsChangeRoundingOnly(Norm norm) {
    EncoderSettings settings = settings(norm, 0.1);
    float[] views = views(settings, 7);
    float[] dz = random(7 * 20, 2);
    try (Engine one = Engines.create(settings, 1);
        Engine three = Engines.create(settings, 3)) {
      float[] parameters = one.initialParameters(1);
      one.load(parameters);
      three.load(parameters);
      float[][] expected = step(one, views, dz, 0, 7);
      float[][] found = step(three, views, dz, 0, 7);
      assertThat(difference(found[0], expected[0])).isLessThan(1e-5);
      assertThat(difference(found[2], expected[2])).isLessThan(2e-4);
      if (norm == Norm.BATCH) {
        assertThat(difference(found[1], expected[1])).isLessThan(1e-5);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"GROUP", "GROUP_WEIGHT_STANDARDISED"})
  void withGroupNormMicroBatchesAddUp(Norm norm) {
    EncoderSettings settings = settings(norm, 0.25);
    float[] views = views(settings, 6);
    float[] dz = random(6 * 20, 2);
    try (Engine engine = Engines.create(settings, 2)) {
      engine.load(engine.initialParameters(1));
      float[][] whole = step(engine, views, dz, 0, 6);
      float[][] first = step(engine, views, dz, 0, 1);
      float[][] second = step(engine, views, dz, 1, 5);
      float[] sum = new float[whole[2].length];
      for (int i = 0; i < sum.length; i++) {
        sum[i] = first[2][i] + second[2][i];
      }
      assertThat(difference(sum, whole[2])).isLessThan(1e-5);
      assertThat(difference(first[0], Arrays.copyOf(whole[0], 20))).isLessThan(1e-5);
      assertThat(engine.statisticsSize()).isZero();
    }
  }

  @Test
  void backwardAddsToTheGradient() {
    EncoderSettings settings = settings(Norm.BATCH, 0.25);
    float[] views = views(settings, 4);
    float[] dz = random(4 * 20, 2);
    try (Engine engine = Engines.create(settings, 2)) {
      engine.load(engine.initialParameters(1));
      float[] once = step(engine, views, dz, 0, 4)[2];
      float[] gradient = once.clone();
      try (Engine.Activations activations = engine.forward(views, 4)) {
        engine.backward(activations, dz, gradient);
      }
      for (int i = 0; i < once.length; i++) {
        assertThat(gradient[i]).isEqualTo(once[i] + once[i]);
      }
    }
  }

  @Test
  void memoryStaysFlatOverAThousandMicroBatches() throws Exception {
    EncoderSettings settings = settings(Norm.BATCH, 0.125);
    float[] views = views(settings, 4);
    float[] dz = random(4 * 20, 2);
    try (Engine engine = Engines.create(settings, 1)) {
      engine.load(engine.initialParameters(1));
      float[] gradient = new float[engine.parameters().size()];
      long before = 0;
      for (int i = 0; i < 1200; i++) {
        if (i == 200) {
          before = residentBytes();
        }
        try (Engine.Activations activations = engine.forward(views, 4)) {
          engine.backward(activations, dz, gradient);
        }
      }
      // The heap may still grow; one arena leaked in every micro-batch would be 700 MB.
      assertThat(residentBytes() - before).isLessThan(64L << 20);
    }
  }

  private static long residentBytes() throws Exception {
    System.gc();
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void severalMicroBatchesMayBeKept() {
    EncoderSettings settings = settings(Norm.BATCH, 0.25);
    float[] views = views(settings, 8);
    float[] dz = random(8 * 20, 2);
    int half = views.length / 2;
    try (Engine engine = Engines.create(settings, 2)) {
      engine.load(engine.initialParameters(1));
      float[][] first = step(engine, views, dz, 0, 4);
      float[][] second = step(engine, views, dz, 4, 4);
      float[] gradient = new float[first[2].length];
      try (Engine.Activations a = engine.forward(Arrays.copyOf(views, half), 4);
          Engine.Activations b = engine.forward(Arrays.copyOfRange(views, half, 2 * half), 4)) {
        engine.backward(a, Arrays.copyOf(dz, 80), gradient);
        assertThat(gradient).isEqualTo(first[2]);
        Arrays.fill(gradient, 0);
        engine.backward(b, Arrays.copyOfRange(dz, 80, 160), gradient);
        assertThat(gradient).isEqualTo(second[2]);
      }
    }
  }

  @Test
  void featuresWithTheMicroBatchsOwnStatisticsAreThoseOfTraining() {
    EncoderSettings settings =
        new EncoderSettings(
            18, 0.25, Stem.SMALL, Norm.BATCH, 16, false, Initialization.SIMCLR, 1, 0, 128);
    float[] views = views(settings, 4);
    try (Engine engine = Engines.create(settings, 2)) {
      float[] parameters = engine.initialParameters(1);
      // A head that copies h and a last norm that does nothing but normalise.
      ParameterLayout.Block head =
          engine.parameters().blocks().stream()
              .filter(block -> block.name().equals("projection.layer1.weight"))
              .findFirst()
              .orElseThrow();
      for (int i = 0; i < 128 * 128; i++) {
        parameters[head.offset() + i] = i % 129 == 0 ? 1 : 0;
      }
      engine.load(parameters);
      try (Engine.Activations activations = engine.forward(views, 4)) {
        float[] statistics = activations.statistics();
        float[] h = engine.features(views, 4, statistics);
        int last = engine.statisticsSize() - 2 * 128;
        for (int i = 0; i < h.length; i++) {
          double mean = statistics[last + i % 128];
          double variance = statistics[last + 128 + i % 128];
          double z = (h[i] - mean) / Math.sqrt(variance + Network.EPSILON);
          assertThat(activations.embeddings()[i]).isCloseTo((float) z, within(1e-3f));
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 16", "3, 24"})
  void oneViewAndOddSizesWork(int count, int size) {
    EncoderSettings settings =
        new EncoderSettings(
            50, 0.1, Stem.IMAGENET, Norm.GROUP, size, true, Initialization.SIMCLR, 3, 10, 5);
    try (Engine engine = Engines.create(settings, 2)) {
      engine.load(engine.initialParameters(1));
      try (Engine.Activations activations = engine.forward(views(settings, count), count)) {
        assertThat(activations.embeddings()).hasSize(5 * count);
        for (float value : activations.embeddings()) {
          assertThat(value).isFinite().isNotZero();
        }
      }
    }
  }

  @Test
  void wrongLengthsAreRefused() {
    try (Engine engine = Engines.create(settings(Norm.GROUP, 0.25), 1)) {
      assertThatThrownBy(() -> engine.load(new float[3])).hasMessageContaining("found 3");
      assertThatThrownBy(() -> engine.forward(new float[3], 1)).hasMessageContaining("768");
    }
  }

  @Test
  void aFailedEngineIsNotLentAgain() {
    EncoderSettings settings = settings(Norm.GROUP, 0.25);
    Engine failed;
    try (Engines.Loan loan = Engines.borrow(settings, 2)) {
      failed = loan.engine();
      failed.load(failed.initialParameters(1));
      // The gradient of one thread's slice cannot be read: its partner must not hang either.
      try (Engine.Activations activations = failed.forward(views(settings, 4), 4)) {
        activations.close();
        assertThatThrownBy(
                () ->
                    failed.backward(
                        activations, new float[4 * 20], new float[failed.parameters().size()]))
            .isInstanceOf(IllegalStateException.class);
      }
    }
    try (Engines.Loan loan = Engines.borrow(settings, 2)) {
      assertThat(loan.engine()).isNotSameAs(failed);
    }
    Engines.closeIdle();
  }

  @Test
  void activationsAreFoundInWhicheverEngineKeptThem() {
    EncoderSettings settings = settings(Norm.GROUP, 0.25);
    UUID step = UUID.randomUUID();
    Engine[] ofShard = new Engine[2];
    try (Engines.Loan first = Engines.borrow(settings, 1, step, 0);
        Engines.Loan second = Engines.borrow(settings, 1, step, 1)) {
      keep(first, step, 0);
      keep(second, step, 1);
      ofShard[0] = first.engine();
      ofShard[1] = second.engine();
    }
    for (int shard : new int[] {0, 1, 0}) {
      try (Engines.Loan loan = Engines.borrow(settings, 1, step, shard)) {
        assertThat(loan.engine()).isSameAs(ofShard[shard]);
      }
    }
    Engines.closeIdle();
  }

  private static void keep(Engines.Loan loan, UUID step, int shard) {
    EncoderSettings settings = settings(Norm.GROUP, 0.25);
    loan.engine().load(loan.engine().initialParameters(1));
    loan.kept().enter(step);
    loan.kept().offer(shard, 0, loan.engine().forward(views(settings, 2), 2), 1, 10);
  }

  @Test
  void featuresDoNotDependOnTheViewsBesideThemOrOnThreads() {
    EncoderSettings settings = settings(Norm.BATCH, 0.25);
    float[] views = views(settings, 21);
    int length = views.length / 21;
    try (Engine one = Engines.create(settings, 1);
        Engine two = Engines.create(settings, 2)) {
      float[] parameters = one.initialParameters(1);
      one.load(parameters);
      two.load(parameters);
      float[] statistics = random(one.statisticsSize(), 5);
      float[] all = one.features(views, 21, statistics);
      assertThat(two.features(views, 21, statistics)).isEqualTo(all);
      float[] last =
          one.features(Arrays.copyOfRange(views, 20 * length, 21 * length), 1, statistics);
      assertThat(last).isEqualTo(Arrays.copyOfRange(all, all.length - last.length, all.length));
    }
  }

  @Test
  void aLoanComesBack() {
    EncoderSettings settings = settings(Norm.GROUP, 0.25);
    Engine engine;
    try (Engines.Loan loan = Engines.borrow(settings, 1)) {
      engine = loan.engine();
      try (Engines.Loan other = Engines.borrow(settings, 1)) {
        assertThat(other.engine()).isNotSameAs(engine);
      }
    }
    try (Engines.Loan loan = Engines.borrow(settings, 1)) {
      assertThat(loan.engine()).isSameAs(engine);
    }
    Engines.closeIdle();
  }
}
