package org.simclrspark.worker.bench;

import java.util.Arrays;
import java.util.Random;
import java.util.UUID;
import org.simclrspark.worker.Engines;
import org.simclrspark.worker.engine.Engine;
import org.simclrspark.worker.engine.EngineKind;
import org.simclrspark.worker.engine.EngineSettings;
import org.simclrspark.worker.engine.Precision;
import org.simclrspark.worker.network.EncoderSettings;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.shard.ShardPass;

/**
 * What an engine must do to be trusted: compute what the engine for CPUs does, and the same bits
 * each time.
 *
 * @param embeddings norm of the difference from the CPU's, over the norm of the CPU's
 * @param gradient likewise
 * @param sameBits whether embeddings, statistics and gradient came out the same twice, with and
 *     without activations that were kept
 */
public record EngineProof(double embeddings, double gradient, boolean sameBits) {

  /** Embeddings of two libraries in single precision differ by less. */
  private static final double OF_EMBEDDINGS = 1e-4;

  /**
   * Gradients of two libraries in single precision differ by less, nearly all of it from the few
   * activations and maxima that rounding decides: 1e-5 where there are none, 2e-3 seen for a
   * ResNet-50 at 224 px on a GPU.
   */
  private static final double OF_GRADIENT = 5e-3;

  private static final int MICRO_BATCHES = 2;

  /** Of channels; larger ones cost the next norm precision. */
  private static final float SHIFT = 1.5f;

  /** Whether the engine can be trusted. */
  public boolean holds() {
    return sameBits && embeddings < OF_EMBEDDINGS && gradient < OF_GRADIENT;
  }

  /**
   * Compares an engine with the one on oneDNN, in float32, at parameters that keep most channels
   * open or shut: an activation within a rounding error of zero that passes a ReLU in one engine
   * alone moves the gradient by up to a percent.
   *
   * @param images of the shard, an even number; batch norm over the few views of a tiny micro-batch
   *     makes any difference large
   */
  public static EngineProof of(EncoderSettings settings, EngineKind kind, int threads, int images) {
    Network network = new Network(settings);
    float[] parameters = Disturbed.parameters(network, SHIFT, new Random(3));
    RandomShard shard = RandomShard.of(settings, images, images / MICRO_BATCHES);
    Result expected;
    try (Engine engine = engine(settings, EngineKind.ONEDNN, threads)) {
      engine.load(parameters);
      expected = run(engine, shard, Long.MAX_VALUE);
    }
    try (Engine engine = engine(settings, kind, threads)) {
      engine.load(parameters);
      Result first = run(engine, shard, Long.MAX_VALUE);
      boolean isSame =
          first.hasBitsOf(run(engine, shard, Long.MAX_VALUE))
              && first.hasBitsOf(run(engine, shard, 0));
      return new EngineProof(
          difference(first.embeddings, expected.embeddings),
          difference(first.gradient, expected.gradient),
          isSame);
    }
  }

  private static Engine engine(EncoderSettings settings, EngineKind kind, int threads) {
    return Engines.create(settings, new EngineSettings(kind, Precision.FLOAT32, threads));
  }

  private static Result run(Engine engine, RandomShard shard, long memory) {
    ShardPass pass = new ShardPass(UUID.randomUUID(), 0, memory);
    float[] embeddings = engine.embed(pass, shard.views(), shard.batches());
    Engine.Sum sum = engine.backward(pass, shard.views(), shard.batches(), shard.upstream());
    return new Result(embeddings, sum.statistics(), sum.gradient());
  }

  private record Result(float[] embeddings, float[] statistics, float[] gradient) {

    boolean hasBitsOf(Result other) {
      return Arrays.equals(embeddings, other.embeddings)
          && Arrays.equals(statistics, other.statistics)
          && Arrays.equals(gradient, other.gradient);
    }
  }

  /** Norm of the difference, over the norm of what is expected. */
  static double difference(float[] found, float[] expected) {
    double difference = 0;
    double size = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow((double) found[i] - expected[i], 2);
      size += Math.pow(expected[i], 2);
    }
    return Math.sqrt(difference / size);
  }
}
