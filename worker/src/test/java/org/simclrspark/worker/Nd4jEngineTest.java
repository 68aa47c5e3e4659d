package org.simclrspark.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.simclrspark.worker.EncoderSettings.Initialization;
import org.simclrspark.worker.EncoderSettings.Norm;
import org.simclrspark.worker.EncoderSettings.Stem;
import org.simclrspark.worker.nd4j.Nd4jEngine;

/**
 * The engine for GPUs, here on ND4J's CPU backend, against the one for CPUs. Gradients are compared
 * where parameters keep channels clearly open or shut: one activation within a rounding error of
 * zero that passes a ReLU in one engine alone moves the gradient by up to a percent.
 */
class Nd4jEngineTest {

  private static final double TOLERANCE = 1e-4;

  @ParameterizedTest
  @CsvSource({
    "18, SMALL, BATCH, 32, true",
    "18, SMALL, BATCH, 32, false",
    "18, IMAGENET, GROUP, 32, true",
    "50, IMAGENET, BATCH, 64, true",
    "50, SMALL, GROUP_WEIGHT_STANDARDISED, 32, true",
    "50, SMALL, GROUP_WEIGHT_STANDARDISED, 32, false"
  })
  void agreesWithTheEngineOnOneDnn(int depth, Stem stem, Norm norm, int size, boolean settled) {
    EncoderSettings settings =
        new EncoderSettings(depth, 0.25, stem, norm, size, false, Initialization.SIMCLR, 2, 24, 20);
    int count = 6;
    Random random = new Random(3);
    float[] views = new float[count * 3 * size * size];
    for (int i = 0; i < views.length; i++) {
      views[i] = random.nextFloat();
    }
    float[] dz = new float[count * 20];
    for (int i = 0; i < dz.length; i++) {
      dz[i] = (float) random.nextGaussian();
    }
    Natives.prepare();
    try (Engine expected = Engines.create(settings, 1);
        Engine found = new Nd4jEngine(settings, Natives::prepare)) {
      float[] parameters = Disturbed.parameters(new Network(settings), settled, random);
      expected.load(parameters);
      found.load(parameters);
      for (int repetition = 0; repetition < 2; repetition++) {
        float[] expectedGradient = new float[parameters.length];
        float[] foundGradient = new float[parameters.length];
        try (Engine.Activations a = expected.forward(views, count);
            Engine.Activations b = found.forward(views, count)) {
          assertThat(EngineTest.difference(b.embeddings(), a.embeddings())).isLessThan(TOLERANCE);
          expected.backward(a, dz, expectedGradient);
          found.backward(b, dz, foundGradient);
          if (settled) {
            assertThat(EngineTest.difference(foundGradient, expectedGradient))
                .isLessThan(TOLERANCE);
          }
          if (norm == Norm.BATCH) {
            assertThat(EngineTest.difference(b.statistics(), a.statistics())).isLessThan(TOLERANCE);
          }
          assertThat(
                  EngineTest.difference(
                      found.features(views, count, b.statistics()),
                      expected.features(views, count, a.statistics())))
              .isLessThan(TOLERANCE);
        }
      }
    }
  }
}
