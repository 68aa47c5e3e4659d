package org.simclrspark.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.simclrspark.worker.TestShards.difference;
import static org.simclrspark.worker.TestShards.first;
import static org.simclrspark.worker.TestShards.normal;
import static org.simclrspark.worker.TestShards.run;
import static org.simclrspark.worker.TestShards.values;
import static org.simclrspark.worker.TestShards.views;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.simclrspark.worker.TestShards.Result;
import org.simclrspark.worker.bench.Disturbed;
import org.simclrspark.worker.engine.Engine;
import org.simclrspark.worker.engine.EngineKind;
import org.simclrspark.worker.engine.EngineSettings;
import org.simclrspark.worker.engine.MicroBatchEngine;
import org.simclrspark.worker.engine.Precision;
import org.simclrspark.worker.network.EncoderSettings;
import org.simclrspark.worker.network.EncoderSettings.Initialization;
import org.simclrspark.worker.network.EncoderSettings.Norm;
import org.simclrspark.worker.network.EncoderSettings.Stem;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.network.ParameterLayout;
import org.simclrspark.worker.shard.MicroBatches;
import org.simclrspark.worker.shard.ShardPass;
import org.simclrspark.worker.shard.ShardViews;

/** What every engine must do, on the CPU of this machine; the ones for GPUs run the same code. */
class EngineTest {

  private static final int D = 20;

  private static EncoderSettings settings(Norm norm, double width) {
    return new EncoderSettings(
        18, width, Stem.SMALL, norm, 16, false, Initialization.TORCHVISION, 2, 24, D);
  }

  private static Engine create(EngineKind kind, EncoderSettings settings, int threads) {
    return Engines.create(settings, new EngineSettings(kind, Precision.FLOAT32, threads));
  }

  static Stream<EngineKind> engines() {
    return Stream.of(EngineKind.ONEDNN, EngineKind.LIBTORCH, EngineKind.ND4J);
  }

  static Stream<Arguments> enginesAndNorms() {
    return engines()
        .flatMap(kind -> Stream.of(Norm.values()).map(norm -> Arguments.of(kind, norm)));
  }

  @AfterAll
  static void closeIdle() {
    Engines.closeIdle();
  }

  @ParameterizedTest
  @MethodSource("enginesAndNorms")
  void repeatingAShardGivesTheSameBitsWhateverIsKept(EngineKind kind, Norm norm) {
    EncoderSettings settings = settings(norm, 0.25);
    ShardViews views = views(settings, 10, 1);
    float[] dz = normal(20 * D, 2);
    try (Engine engine = create(kind, settings, 2)) {
      engine.load(engine.initialParameters(1));
      Result kept = run(engine, views, 5, dz, Long.MAX_VALUE);
      // Another size in between must leave no trace.
      run(engine, first(views, 3), 3, dz, Long.MAX_VALUE);
      assertThat(run(engine, views, 5, dz, 0).hasBitsOf(kept)).isTrue();
      long some = 2 * engine.activationBytes(5);
      assertThat(run(engine, views, 5, dz, some).hasBitsOf(kept)).isTrue();
    }
    try (Engine other = create(kind, settings, 2)) {
      other.load(other.initialParameters(1));
      Result found = run(other, views, 5, dz, 0);
      assertThat(found.gradient()).doesNotContain(Float.NaN);
      assertThat(difference(found.gradient(), new float[found.gradient().length])).isPositive();
    }
  }

  @ParameterizedTest
  @MethodSource("enginesAndNorms")
  void threadsChangeRoundingOnly(EngineKind kind, Norm norm) {
    EncoderSettings settings = settings(norm, 0.125);
    ShardViews views = views(settings, 7, 1);
    float[] dz = normal(14 * D, 2);
    Result[] results = new Result[2];
    for (int i = 0; i < 2; i++) {
      try (Engine engine = create(kind, settings, 1 + 2 * i)) {
        engine.load(Disturbed.parameters(new Network(settings), 1.5f, new Random(4)));
        results[i] = run(engine, views, 7, dz, 0);
      }
    }
    assertThat(difference(results[0].embeddings(), results[1].embeddings())).isLessThan(1e-5);
    assertThat(difference(results[0].gradient(), results[1].gradient())).isLessThan(2e-4);
  }

  @ParameterizedTest
  @MethodSource("engines")
  void withGroupNormMicroBatchesDoNotMatter(EngineKind kind) {
    EncoderSettings settings = settings(Norm.GROUP, 0.25);
    ShardViews views = views(settings, 6, 1);
    float[] dz = normal(12 * D, 2);
    try (Engine engine = create(kind, settings, 2)) {
      engine.load(Disturbed.parameters(new Network(settings), 1.5f, new Random(4)));
      Result whole = run(engine, views, 6, dz, 0);
      Result split = run(engine, views, 2, dz, 0);
      assertThat(difference(split.embeddings(), whole.embeddings())).isLessThan(1e-5);
      assertThat(difference(split.gradient(), whole.gradient())).isLessThan(1e-5);
      assertThat(engine.statisticsSize()).isZero();
      assertThat(whole.statistics()).isEmpty();
    }
  }

  /** But for ND4J, whose temporaries wait for the garbage collector. */
  @ParameterizedTest
  @EnumSource(names = {"ONEDNN", "LIBTORCH"})
  void memoryStaysFlatOverAThousandMicroBatches(EngineKind kind) throws Exception {
    EncoderSettings settings = settings(Norm.BATCH, 0.0625);
    int perPass = 20;
    ShardViews views = views(settings, 2 * perPass, 1);
    float[] dz = normal(4 * perPass * D, 2);
    try (Engine engine = create(kind, settings, 1)) {
      float[] parameters = engine.initialParameters(1);
      long half = engine.activationBytes(4) * perPass / 2;
      long before = 0;
      for (int microBatches = 0; microBatches < 1600; microBatches += perPass) {
        // Until then code is compiled and arenas grow.
        if (microBatches == 600) {
          before = residentBytes();
        }
        engine.load(parameters);
        run(engine, views, 4, dz, half);
      }
      // The heap may still grow; the activations of every micro-batch would be 200 MB.
      assertThat(residentBytes() - before).isLessThan(48L << 20);
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

  @ParameterizedTest
  @MethodSource("engines")
  void featuresWithTheMicroBatchsOwnStatisticsAreThoseOfTraining(EngineKind kind) {
    EncoderSettings settings =
        new EncoderSettings(
            18, 0.25, Stem.SMALL, Norm.BATCH, 16, false, Initialization.SIMCLR, 1, 0, 128);
    ShardViews views = views(settings, 4, 1);
    try (Engine engine = create(kind, settings, 2)) {
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
      float[] statistics = engine.statistics(values(views), 4);
      float[] h = engine.features(values(views), 4, statistics);
      float[] z =
          engine.embed(new ShardPass(UUID.randomUUID(), 0, 0), views, new MicroBatches(4, 4));
      int last = engine.statisticsSize() - 2 * 128;
      for (int i = 0; i < h.length; i++) {
        double mean = statistics[last + i % 128];
        double variance = statistics[last + 128 + i % 128];
        double expected = (h[i] - mean) / Math.sqrt(variance + Network.EPSILON);
        // The first views are the even rows.
        assertThat(z[i / 128 * 256 + i % 128]).isCloseTo((float) expected, within(1e-3f));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("engines")
  void oneViewAndOddSizesWork(EngineKind kind) {
    for (int[] sizes : new int[][] {{1, 16}, {3, 24}}) {
      EncoderSettings settings =
          new EncoderSettings(
              50,
              0.125,
              Stem.IMAGENET,
              Norm.GROUP,
              sizes[1],
              true,
              Initialization.TORCHVISION,
              3,
              10,
              5);
      try (Engine engine = create(kind, settings, 2)) {
        engine.load(engine.initialParameters(1));
        float[] dz = normal(2 * sizes[0] * 5, 3);
        Result result = run(engine, views(settings, sizes[0], 1), 1, dz, 0);
        assertThat(result.embeddings()).hasSize(2 * sizes[0] * 5);
        for (float value : result.embeddings()) {
          assertThat(value).isFinite().isNotZero();
        }
        for (float value : result.gradient()) {
          assertThat(value).isFinite();
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("engines")
  void wrongLengthsAreRefused(EngineKind kind) {
    try (Engine engine = create(kind, settings(Norm.BATCH, 0.25), 1)) {
      float[] statistics = new float[engine.statisticsSize()];
      assertThatThrownBy(() -> engine.load(new float[3])).hasMessageContaining("found 3");
      assertThatThrownBy(() -> engine.features(new float[3], 1, statistics))
          .hasMessageContaining("768");
      assertThatThrownBy(() -> engine.features(new float[768], 1, new float[1]))
          .hasMessageContaining("Statistics must number");
      assertThat(engine.isFailed()).isFalse();
    }
  }

  @ParameterizedTest
  @MethodSource("engines")
  void whatCrossesTheBoundaryIsNearTheIdeal(EngineKind kind) {
    EncoderSettings settings = settings(Norm.BATCH, 0.25);
    int images = 12;
    ShardViews views = views(settings, images, 1);
    float[] dz = normal(2 * images * D, 2);
    try (Engine engine = create(kind, settings, 1)) {
      float[] parameters = engine.initialParameters(1);
      UUID version = UUID.randomUUID();
      run(engine, views, 4, dz, Long.MAX_VALUE);
      Engine.Traffic before = engine.traffic();
      engine.load(version, parameters);
      engine.load(version, parameters);
      run(engine, views, 4, dz, Long.MAX_VALUE);
      Engine.Traffic found = engine.traffic().since(before);
      long embeddings = 4L * dz.length;
      long vector = 4L * parameters.length;
      long in = vector + 2L * images * 3 * 16 * 16 + embeddings;
      long out = vector + embeddings + 4L * engine.statisticsSize();
      assertThat((double) found.in()).isBetween(in * 0.999, in * 1.2);
      assertThat((double) found.out()).isBetween(out * 0.999, out * 1.2);
    }
  }

  @ParameterizedTest
  @MethodSource("engines")
  void aFailedEngineIsNotLentAgain(EngineKind kind) {
    EncoderSettings settings = settings(Norm.GROUP, 0.25);
    EngineSettings engines = new EngineSettings(kind, Precision.FLOAT32, 2);
    Engine failed;
    try (Engines.Loan loan = Engines.borrow(settings, engines)) {
      failed = loan.engine();
      failed.load(failed.initialParameters(1));
      ShardViews views = views(settings, 4, 1);
      MicroBatches batches = new MicroBatches(4, 4);
      ShardPass pass = new ShardPass(UUID.randomUUID(), 0, Long.MAX_VALUE);
      failed.embed(pass, views, batches);
      if (failed instanceof MicroBatchEngine engine) {
        // The gradient of one thread's slice cannot be read: its partner must not hang either.
        MicroBatchEngine.Activations activations = engine.forward(values(views), 4);
        activations.close();
        assertThatThrownBy(
                () ->
                    engine.backward(activations, new float[4 * D], new float[batchesSize(engine)]))
            .isInstanceOf(IllegalStateException.class);
      } else {
        assertThatThrownBy(() -> failed.backward(pass, views, batches, new float[3]))
            .isInstanceOf(IllegalStateException.class);
      }
      assertThat(failed.isFailed()).isTrue();
    }
    try (Engines.Loan loan = Engines.borrow(settings, engines)) {
      assertThat(loan.engine()).isNotSameAs(failed);
      loan.engine().load(loan.engine().initialParameters(1));
      run(loan.engine(), views(settings, 4, 1), 4, new float[8 * D], 0);
    }
  }

  private static int batchesSize(Engine engine) {
    return engine.parameters().size();
  }

  @ParameterizedTest
  @MethodSource("engines")
  void activationsAreFoundInWhicheverEngineKeptThem(EngineKind kind) {
    EncoderSettings settings = settings(Norm.GROUP, 0.25);
    EngineSettings engines = new EngineSettings(kind, Precision.FLOAT32, 1);
    UUID step = UUID.randomUUID();
    Engine[] ofShard = new Engine[2];
    try (Engines.Loan one = Engines.borrow(settings, engines, step, 0);
        Engines.Loan two = Engines.borrow(settings, engines, step, 1)) {
      List<Engines.Loan> loans = List.of(one, two);
      for (int shard = 0; shard < 2; shard++) {
        Engine engine = loans.get(shard).engine();
        engine.load(step, engine.initialParameters(1));
        ShardPass pass = new ShardPass(step, shard, Long.MAX_VALUE);
        engine.embed(pass, views(settings, 2, shard), new MicroBatches(2, 2));
        ofShard[shard] = engine;
      }
    }
    for (int shard : new int[] {0, 1, 0}) {
      try (Engines.Loan loan = Engines.borrow(settings, engines, step, shard)) {
        assertThat(loan.engine()).isSameAs(ofShard[shard]);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("engines")
  void featuresDoNotDependOnTheViewsBesideThem(EngineKind kind) {
    EncoderSettings settings = settings(Norm.BATCH, 0.25);
    float[] views = values(views(settings, 21, 1));
    int length = views.length / 21;
    try (Engine engine = create(kind, settings, 1)) {
      engine.load(engine.initialParameters(1));
      float[] statistics = engine.statistics(views, 21);
      float[] all = engine.features(views, 21, statistics);
      float[] last =
          engine.features(Arrays.copyOfRange(views, 20 * length, 21 * length), 1, statistics);
      float[] expected = Arrays.copyOfRange(all, all.length - last.length, all.length);
      if (kind == EngineKind.ND4J) {
        assertThat(difference(last, expected)).isLessThan(1e-5);
      } else {
        assertThat(difference(last, new float[last.length])).isPositive();
        assertThat(last).isEqualTo(expected);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "BFLOAT16"})
  void precisionIsThatOfTheProducts(Precision precision) {
    EncoderSettings settings = settings(Norm.BATCH, 0.25);
    ShardViews views = views(settings, 16, 1);
    float[] dz = normal(32 * D, 2);
    float[] parameters = Disturbed.parameters(new Network(settings), 1.5f, new Random(4));
    Result expected;
    try (Engine engine = create(EngineKind.ONEDNN, settings, 1)) {
      engine.load(parameters);
      expected = run(engine, views, 16, dz, 0);
    }
    try (Engine engine =
        Engines.create(settings, new EngineSettings(EngineKind.LIBTORCH, precision, 1))) {
      engine.load(parameters);
      Result found = run(engine, views, 16, dz, 0);
      // bfloat16 has 8 bits, float32 24.
      double tolerance = precision == Precision.BFLOAT16 ? 0.05 : 1e-4;
      assertThat(difference(found.embeddings(), expected.embeddings()))
          .isBetween(tolerance / 1e4, tolerance);
      assertThat(difference(found.gradient(), expected.gradient())).isLessThan(4 * tolerance);
      assertThat(run(engine, views, 16, dz, 0).hasBitsOf(found)).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("engines")
  void aLoanComesBack(EngineKind kind) {
    EncoderSettings settings = settings(Norm.GROUP, 0.25);
    EngineSettings engines = new EngineSettings(kind, Precision.FLOAT32, 1);
    Engine engine;
    try (Engines.Loan loan = Engines.borrow(settings, engines)) {
      engine = loan.engine();
      try (Engines.Loan other = Engines.borrow(settings, engines)) {
        assertThat(other.engine()).isNotSameAs(engine);
      }
    }
    try (Engines.Loan loan = Engines.borrow(settings, engines)) {
      assertThat(loan.engine()).isSameAs(engine);
    }
  }
}
