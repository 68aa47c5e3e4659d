package org.simclrspark.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.simclrspark.worker.TestShards.difference;
import static org.simclrspark.worker.TestShards.normal;
import static org.simclrspark.worker.TestShards.run;
import static org.simclrspark.worker.TestShards.values;
import static org.simclrspark.worker.TestShards.views;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.simclrspark.worker.TestShards.Result;
import org.simclrspark.worker.bench.Disturbed;
import org.simclrspark.worker.engine.Engine;
import org.simclrspark.worker.engine.EngineKind;
import org.simclrspark.worker.engine.EngineSettings;
import org.simclrspark.worker.engine.Precision;
import org.simclrspark.worker.network.EncoderSettings;
import org.simclrspark.worker.network.EncoderSettings.Initialization;
import org.simclrspark.worker.network.EncoderSettings.Norm;
import org.simclrspark.worker.network.EncoderSettings.Stem;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.shard.ShardViews;

/**
 * The engines for GPUs, here on the CPU, against the one for CPUs. Gradients are compared where
 * parameters keep channels clearly open or shut: one activation within a rounding error of zero
 * that passes a ReLU in one engine alone moves the gradient by up to a percent.
 */
class EngineAgreementTest {

  private static final double TOLERANCE = 1e-4;
  private static final int IMAGES = 6;

  @ParameterizedTest
  @CsvSource({
    "ND4J, 18, SMALL, BATCH, 32, true",
    "ND4J, 18, SMALL, BATCH, 32, false",
    "ND4J, 18, IMAGENET, GROUP, 32, true",
    "ND4J, 50, IMAGENET, BATCH, 64, true",
    "ND4J, 50, SMALL, GROUP_WEIGHT_STANDARDISED, 32, true",
    "LIBTORCH, 18, SMALL, BATCH, 32, true",
    "LIBTORCH, 18, SMALL, BATCH, 32, false",
    "LIBTORCH, 18, IMAGENET, GROUP, 32, true",
    "LIBTORCH, 50, IMAGENET, BATCH, 64, true",
    "LIBTORCH, 50, SMALL, GROUP_WEIGHT_STANDARDISED, 32, true",
    "LIBTORCH, 50, SMALL, GROUP_WEIGHT_STANDARDISED, 32, false",
    "LIBTORCH, 18, IMAGENET, BATCH, 49, true"
  })
  void agreesWithTheEngineOnOneDnn(
      EngineKind kind, int depth, Stem stem, Norm norm, int size, boolean settled) {
    EncoderSettings settings =
        new EncoderSettings(
            depth, 0.25, stem, norm, size, false, Initialization.TORCHVISION, 2, 24, 20);
    ShardViews views = views(settings, IMAGES, 3);
    float[] dz = normal(2 * IMAGES * 20, 5);
    float[] parameters =
        Disturbed.parameters(new Network(settings), settled ? 1.5f : 0, new Random(3));
    try (Engine expected = engine(settings, EngineKind.ONEDNN);
        Engine found = engine(settings, kind)) {
      expected.load(parameters);
      found.load(parameters);
      for (long memory : new long[] {0, Long.MAX_VALUE}) {
        Result a = run(expected, views, IMAGES, dz, memory);
        Result b = run(found, views, IMAGES, dz, memory);
        assertThat(difference(b.embeddings(), a.embeddings())).isLessThan(TOLERANCE);
        if (settled) {
          assertThat(difference(b.gradient(), a.gradient())).isLessThan(TOLERANCE);
        }
        if (norm == Norm.BATCH) {
          assertThat(difference(b.statistics(), a.statistics())).isLessThan(TOLERANCE);
        }
        float[] pixels = values(views);
        assertThat(
                difference(
                    found.features(pixels, IMAGES, b.statistics()),
                    expected.features(pixels, IMAGES, a.statistics())))
            .isLessThan(TOLERANCE);
      }
    }
  }

  private static Engine engine(EncoderSettings settings, EngineKind kind) {
    return Engines.create(settings, new EngineSettings(kind, Precision.FLOAT32, 1));
  }
}
