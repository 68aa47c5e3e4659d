package org.simclrspark.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.simclrspark.worker.engine.Engine;
import org.simclrspark.worker.engine.EngineSource;
import org.simclrspark.worker.engine.LinearEngine;
import org.simclrspark.worker.engine.MicroBatchEngine;
import org.simclrspark.worker.network.EncoderSettings;
import org.simclrspark.worker.network.EncoderSettings.Initialization;
import org.simclrspark.worker.network.EncoderSettings.Norm;
import org.simclrspark.worker.network.EncoderSettings.Stem;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.network.ParameterLayout;
import org.simclrspark.worker.shard.DamagedImage;
import org.simclrspark.worker.shard.EmbeddedShard;
import org.simclrspark.worker.shard.MicroBatches;
import org.simclrspark.worker.shard.ShardPlan;
import org.simclrspark.worker.shard.ShardViews;

class ShardWorkerTest {

  private static final int SIZE = 16;
  private static final ShardPlan PLAN = new ShardPlan(16, 2, 4);

  private static EncoderSettings settings(Norm norm) {
    return new EncoderSettings(
        18, 0.25, Stem.SMALL, norm, SIZE, false, Initialization.SIMCLR, 2, 16, 8);
  }

  private static ShardViews views() {
    byte[] first = new byte[PLAN.imagesPerShard() * 3 * SIZE * SIZE];
    byte[] second = new byte[first.length];
    new Random(1).nextBytes(first);
    new Random(2).nextBytes(second);
    return new ShardViews(PLAN.imagesPerShard(), first, second, List.of(), List.of());
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
    return worker.backward(step, 1, views(), parameters, dz).gradient();
  }

  @Test
  void keptActivationsSpareTheSecondForwardPassUpToTheBudget() {
    AtomicInteger forwards = new AtomicInteger();
    Engine engine = new Counting(forwards);
    EngineSource source = () -> new Borrowed(engine);
    float[] parameters = engine.initialParameters(1);
    float[] dz = new float[2 * PLAN.imagesPerShard() * engine.embeddingSize()];
    long size = engine.activationBytes(PLAN.microBatch());

    ShardWorker worker = new ShardWorker(source, PLAN, 3 * size);
    UUID step = UUID.randomUUID();
    worker.embed(step, 0, views(), parameters);
    worker.backward(step, 0, views(), parameters, dz);
    assertThat(forwards).hasValue(4 + 4 - 3);

    // Activations of another step are of no use, whatever their number.
    worker.embed(UUID.randomUUID(), 0, views(), parameters);
    forwards.set(0);
    worker.backward(UUID.randomUUID(), 0, views(), parameters, dz);
    assertThat(forwards).hasValue(4);
  }

  @Test
  void everyRowIsInOneMicroBatchHoweverManyImagesAreLeft() {
    for (int microBatch = 1; microBatch <= 9; microBatch++) {
      for (int images = 0; images <= 40; images++) {
        MicroBatches batches = new MicroBatches(images, microBatch);
        boolean lone = images == 1 && microBatch > 1;
        assertThat(batches.images()).isEqualTo(lone ? 0 : images);
        boolean[] seen = new boolean[2 * batches.images()];
        for (int batch = 0; batch < batches.count(); batch++) {
          int size = batches.size(batch);
          assertThat(size).isBetween(Math.min(2, microBatch), Math.max(microBatch, 3));
          for (int i = 0; i < size; i++) {
            int row = batches.row(batch, i);
            assertThat(seen[row]).isFalse();
            seen[row] = true;
            assertThat(row % 2).isEqualTo(batches.view(batch));
          }
        }
        assertThat(seen).doesNotContain(false);
      }
    }
  }

  @Test
  void withoutDamagedImagesMicroBatchesHaveTheConfiguredSize() {
    MicroBatches batches = new MicroBatches(8, 4);
    assertThat(batches.count()).isEqualTo(4);
    assertThat(IntStream.range(0, 4).map(batches::size)).containsOnly(4);
    assertThat(IntStream.range(0, 4).map(batches::view)).containsExactly(0, 0, 1, 1);
    assertThat(IntStream.range(0, 4).map(batches::firstImage)).containsExactly(0, 4, 0, 4);
  }

  /** What the stem's norm sees does not depend on the micro-batches: 4, 3, 4 and 3 views. */
  @Test
  void statisticsAreThoseOfTheWholeShard() {
    EncoderSettings settings = settings(Norm.BATCH);
    int images = 7;
    int length = 3 * SIZE * SIZE;
    byte[] first = Arrays.copyOf(views().first(), images * length);
    byte[] second = Arrays.copyOf(views().second(), images * length);
    // The last micro-batch is dark: its mean is far from the others'.
    for (int i = 4 * length; i < second.length; i++) {
      second[i] = (byte) ((second[i] & 0xFF) / 8);
    }
    ShardViews left =
        new ShardViews(
            images, first, second, List.of(new DamagedImage("a.jpg", "cut short")), List.of());
    Network network = new Network(settings);
    float[] parameters = network.initialParameters(3);
    ShardWorker worker = new ShardWorker(() -> Engines.borrow(settings, 1), PLAN, 0);
    UUID step = UUID.randomUUID();
    EmbeddedShard embedded = worker.embed(step, 0, left, parameters);
    float[] dz = new float[embedded.embeddings().values().length];

    assertThat(embedded.images()).isEqualTo(images);
    assertThat(embedded.damaged()).extracting(DamagedImage::name).containsExactly("a.jpg");
    Network.Convolution stem = (Network.Convolution) network.operations().get(0);
    float[] found = worker.backward(step, 0, left, parameters, dz).statistics();
    int channels = stem.out().channels();
    for (int channel = 0; channel < channels; channel++) {
      DoubleSummary expected = new DoubleSummary();
      for (byte[] view : List.of(first, second)) {
        convolve(view, images, parameters, stem.weight().offset() + channel * 27, expected);
      }
      assertThat((double) found[channel]).isCloseTo(expected.mean(), within(1e-5));
      assertThat((double) found[channels + channel])
          .isCloseTo(expected.variance(), within(1e-5 * expected.variance()));
    }
  }

  /** One output channel of a 3x3 convolution with zero padding, in double precision. */
  private static void convolve(
      byte[] views, int images, float[] weights, int offset, DoubleSummary out) {
    for (int image = 0; image < images; image++) {
      for (int y = 0; y < SIZE; y++) {
        for (int x = 0; x < SIZE; x++) {
          double sum = 0;
          for (int tap = 0; tap < 27; tap++) {
            int row = y + tap / 3 % 3 - 1;
            int column = x + tap % 3 - 1;
            if (row >= 0 && row < SIZE && column >= 0 && column < SIZE) {
              int at = ((image * 3 + tap / 9) * SIZE + row) * SIZE + column;
              sum += weights[offset + tap] * (views[at] & 0xFF) / 255.0;
            }
          }
          out.add(sum);
        }
      }
    }
  }

  private static final class DoubleSummary {
    private double sum;
    private double squares;
    private long count;

    void add(double value) {
      sum += value;
      squares += value * value;
      count++;
    }

    double mean() {
      return sum / count;
    }

    double variance() {
      return squares / count - mean() * mean();
    }
  }

  @Test
  void sizesThatDoNotDivideAreRefused() {
    assertThatThrownBy(() -> new ShardPlan(10, 3, 1)).hasMessageContaining("divide the batch");
    assertThatThrownBy(() -> new ShardPlan(16, 2, 3)).hasMessageContaining("images of a shard, 8");
  }

  private record Borrowed(Engine engine) implements EngineSource.Loan {
    @Override
    public void close() {}
  }

  /** A linear engine that counts its forward passes. */
  private static final class Counting extends MicroBatchEngine {

    private final LinearEngine engine = new LinearEngine(8 * 48, 8);
    private final AtomicInteger forwards;

    Counting(AtomicInteger forwards) {
      this.forwards = forwards;
    }

    @Override
    public String name() {
      return "counting";
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
    public int[] normChannels() {
      return engine.normChannels();
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
    protected void setParameters(float[] values) {
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
  }
}
