package org.simclrspark.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.simclrspark.worker.bench.Disturbed;
import org.simclrspark.worker.engine.Engine;
import org.simclrspark.worker.engine.EngineKind;
import org.simclrspark.worker.engine.EngineSettings;
import org.simclrspark.worker.engine.MicroBatchEngine;
import org.simclrspark.worker.engine.Precision;
import org.simclrspark.worker.machine.Natives;
import org.simclrspark.worker.network.EncoderSettings;
import org.simclrspark.worker.network.EncoderSettings.Initialization;
import org.simclrspark.worker.network.EncoderSettings.Norm;
import org.simclrspark.worker.network.EncoderSettings.Stem;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.network.ParameterLayout;
import org.simclrspark.worker.onednn.BlockedActivations;
import org.simclrspark.worker.onednn.OneDnnEngine;
import org.simclrspark.worker.shard.ShardViews;

/**
 * The gradient of every layer's parameters against central differences in double precision. The
 * reference takes the engine's decisions about which activations pass a ReLU or win max pooling,
 * which may differ from its own within rounding only: a single one that differs can move a gradient
 * by a percent.
 */
class CentralDifferencesTest {

  private static final double STEP = 1e-6;
  private static final int SAMPLES = 3;

  /** Of a normalised value (its variance is about 1), after many layers in float32. */
  private static final double ROUNDING = 1e-3;

  @ParameterizedTest
  @CsvSource({
    "ONEDNN, 18, SMALL, BATCH, 16, 4",
    "ONEDNN, 18, IMAGENET, BATCH, 32, 4",
    "ONEDNN, 18, IMAGENET, GROUP, 64, 2",
    "ONEDNN, 18, SMALL, GROUP_WEIGHT_STANDARDISED, 16, 2",
    "ONEDNN, 50, SMALL, GROUP, 16, 2",
    "ONEDNN, 50, SMALL, GROUP_WEIGHT_STANDARDISED, 16, 2",
    "LIBTORCH, 18, IMAGENET, BATCH, 32, 4",
    "LIBTORCH, 18, SMALL, GROUP_WEIGHT_STANDARDISED, 16, 2",
    "LIBTORCH, 50, SMALL, GROUP, 16, 2"
  })
  void gradientIsThatOfTheReference(
      EngineKind kind, int depth, Stem stem, Norm norm, int size, int views) {
    EncoderSettings settings =
        new EncoderSettings(depth, 0.0625, stem, norm, size, false, Initialization.SIMCLR, 2, 7, 5);
    Network network = new Network(settings);
    Random random = new Random(23);
    // Where engines must come to the same decisions, no channel is near its ReLU's bend.
    boolean settled = kind != EngineKind.ONEDNN;
    float[] parameters =
        settled
            ? Disturbed.parameters(network, 1.5f, random)
            : disturbed(network.initialParameters(2), random);
    ShardViews shard = TestShards.views(settings, views, 23);
    float[] pixels = TestShards.values(shard);
    float[] dz = TestShards.normal(views * 5, 24);
    float[] gradient = new float[parameters.length];
    byte[] decisions;
    byte[] winners;
    try (OneDnnEngine engine = new OneDnnEngine(settings, 1, Natives::limitThread)) {
      engine.load(parameters);
      try (MicroBatchEngine.Activations activations = engine.forward(pixels, views)) {
        decisions = BlockedActivations.decisions(network, activations);
        winners = BlockedActivations.winners(network, activations);
        engine.backward(activations, dz, gradient);
      }
    }
    if (kind != EngineKind.ONEDNN) {
      gradient = gradient(kind, settings, parameters, shard, dz);
    }
    DoubleNetwork reference = new DoubleNetwork(network, views, decisions, winners);
    double[] exactPixels = doubles(pixels);
    double[] exact = doubles(parameters);
    reference.embed(exact, exactPixels);
    assertThat(reference.largestSwitch()).isLessThan(ROUNDING);
    for (ParameterLayout.Block block : network.layout().blocks()) {
      double largest = 0;
      for (int i = block.offset(); i < block.offset() + block.length(); i++) {
        largest = Math.max(largest, Math.abs(gradient[i]));
      }
      for (int sample = 0; sample < SAMPLES; sample++) {
        int i = block.offset() + random.nextInt(block.length());
        double value = exact[i];
        exact[i] = value + STEP;
        double above = loss(reference.embedWith(block, exact), dz);
        exact[i] = value - STEP;
        double below = loss(reference.embedWith(block, exact), dz);
        exact[i] = value;
        assertThat((double) gradient[i])
            .as(block.name() + " at " + (i - block.offset()))
            .isCloseTo((above - below) / (2 * STEP), within(1e-3 * largest + 1e-4));
      }
    }
  }

  private static float[] disturbed(float[] parameters, Random random) {
    for (int i = 0; i < parameters.length; i++) {
      parameters[i] += 0.05f * (float) random.nextGaussian();
    }
    return parameters;
  }

  /** That of the first views alone: the second ones, in a micro-batch of their own, have none. */
  private static float[] gradient(
      EngineKind kind, EncoderSettings settings, float[] parameters, ShardViews shard, float[] dz) {
    float[] rows = new float[2 * dz.length];
    for (int i = 0; i < dz.length; i++) {
      rows[i / 5 * 10 + i % 5] = dz[i];
    }
    try (Engine engine = Engines.create(settings, new EngineSettings(kind, Precision.FLOAT32, 1))) {
      engine.load(parameters);
      return TestShards.run(engine, shard, shard.images(), rows, 0).gradient();
    }
  }

  private static double loss(double[] z, float[] dz) {
    double sum = 0;
    for (int i = 0; i < z.length; i++) {
      sum += z[i] * dz[i];
    }
    return sum;
  }

  private static double[] doubles(float[] values) {
    double[] copy = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      copy[i] = values[i];
    }
    return copy;
  }
}
