package org.simclrspark.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.simclrspark.worker.EncoderSettings.Norm;
import org.simclrspark.worker.EncoderSettings.Stem;

class ShardWorkerTest {

  private static final int SIZE = 16;
  private static final ShardPlan PLAN = new ShardPlan(16, 2, 4);

  private static EncoderSettings settings(Norm norm) {
    return new EncoderSettings(18, 0.25, Stem.SMALL, norm, SIZE, false, 2, 16, 8);
  }

  private static ShardViews views() {
    byte[] first = new byte[PLAN.imagesPerShard() * 3 * SIZE * SIZE];
    byte[] second = new byte[first.length];
    new Random(1).nextBytes(first);
    new Random(2).nextBytes(second);
    return new ShardViews(first, second);
  }

  @ParameterizedTest
  @EnumSource
  void keptAndRecomputedActivationsGiveTheSameBits(Norm norm) {
    EncoderSettings settings = settings(norm);
    float[] parameters;
    long ofMicroBatch;
    try (EngineSource.Loan loan = Engines.borrow(settings, 1)) {
      parameters = loan.engine().initialParameters(3);
      ofMicroBatch = loan.engine().activationBytes(PLAN.microBatch());
    }
    float[] recomputed = gradient(settings, parameters, 0);
    assertThat(recomputed).doesNotContain(Float.NaN);
    assertThat(Arrays.equals(gradient(settings, parameters, ofMicroBatch * 2), recomputed))
        .isTrue();
    assertThat(Arrays.equals(gradient(settings, parameters, Long.MAX_VALUE), recomputed)).isTrue();
  }

  private static float[] gradient(EncoderSettings settings, float[] parameters, long memory) {
    ShardWorker worker = new ShardWorker(() -> Engines.borrow(settings, 1), PLAN, memory);
    UUID step = UUID.randomUUID();
    float[] z = worker.embed(step, 1, views(), parameters).embeddings().values();
    float[] dz = new float[z.length];
    for (int i = 0; i < dz.length; i++) {
      dz[i] = z[i] * (i % 7 - 3);
    }
    return worker.backward(step, 1, views(), parameters, dz);
  }

  @Test
  void keptActivationsSpareTheSecondForwardPassUpToTheBudget() {
    AtomicInteger forwards = new AtomicInteger();
    Engine engine = new Counting(forwards);
    KeptActivations kept = new KeptActivations();
    EngineSource source = () -> new Borrowed(engine, kept);
    float[] parameters = engine.initialParameters(1);
    float[] dz = new float[PLAN.rowsPerShard() * engine.embeddingSize()];
    long size = engine.activationBytes(PLAN.microBatch());

    ShardWorker worker = new ShardWorker(source, PLAN, 3 * size);
    UUID step = UUID.randomUUID();
    worker.embed(step, 0, views(), parameters);
    worker.backward(step, 0, views(), parameters, dz);
    assertThat(forwards).hasValue(PLAN.microBatches() + PLAN.microBatches() - 3);

    // Activations of another step are of no use, whatever their number.
    worker.embed(UUID.randomUUID(), 0, views(), parameters);
    forwards.set(0);
    worker.backward(UUID.randomUUID(), 0, views(), parameters, dz);
    assertThat(forwards).hasValue(PLAN.microBatches());
  }

  @Test
  void viewsOfOneImageNeverShareAMicroBatch() {
    boolean[] seen = new boolean[PLAN.rowsPerShard()];
    for (int batch = 0; batch < PLAN.microBatches(); batch++) {
      for (int i = 0; i < PLAN.microBatch(); i++) {
        int row = PLAN.row(batch, i);
        assertThat(seen[row]).isFalse();
        seen[row] = true;
        assertThat(row % 2).isEqualTo(PLAN.view(batch));
      }
    }
    assertThat(seen).doesNotContain(false);
  }

  @Test
  void sizesThatDoNotDivideAreRefused() {
    assertThatThrownBy(() -> new ShardPlan(10, 3, 1)).hasMessageContaining("divide the batch");
    assertThatThrownBy(() -> new ShardPlan(16, 2, 3)).hasMessageContaining("images of a shard, 8");
  }

  private record Borrowed(Engine engine, KeptActivations kept) implements EngineSource.Loan {
    @Override
    public void close() {}
  }

  /** A linear engine that counts its forward passes. */
  private static final class Counting implements Engine {

    private final LinearEngine engine = new LinearEngine(8 * 48, 8);
    private final AtomicInteger forwards;

    Counting(AtomicInteger forwards) {
      this.forwards = forwards;
    }

    @Override
    public Activations forward(float[] views, int count) {
      forwards.incrementAndGet();
      return engine.forward(views, count);
    }

    @Override
    public ParameterLayout parameters() {
      return engine.parameters();
    }

    @Override
    public int statisticsSize() {
      return engine.statisticsSize();
    }

    @Override
    public int featureSize() {
      return engine.featureSize();
    }

    @Override
    public int embeddingSize() {
      return engine.embeddingSize();
    }

    @Override
    public float[] initialParameters(long seed) {
      return engine.initialParameters(seed);
    }

    @Override
    public void load(float[] values) {
      engine.load(values);
    }

    @Override
    public void backward(Activations activations, float[] dz, float[] gradient) {
      engine.backward(activations, dz, gradient);
    }

    @Override
    public float[] features(float[] views, int count, float[] statistics) {
      return engine.features(views, count, statistics);
    }

    @Override
    public long activationBytes(int count) {
      return engine.activationBytes(count);
    }

    @Override
    public void close() {
      engine.close();
    }
  }
}
