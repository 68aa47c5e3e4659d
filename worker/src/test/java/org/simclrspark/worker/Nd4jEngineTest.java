package org.simclrspark.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.simclrspark.worker.EncoderSettings.Norm;
import org.simclrspark.worker.EncoderSettings.Stem;
import org.simclrspark.worker.nd4j.Nd4jEngine;

/** The engine for GPUs, here on ND4J's CPU backend, against the one for CPUs. */
class Nd4jEngineTest {

  @ParameterizedTest
  @CsvSource({
    "18, SMALL, BATCH, 16, 3e-3",
    "18, IMAGENET, GROUP, 32, 1e-4",
    "18, SMALL, GROUP_WEIGHT_STANDARDISED, 32, 1e-3"
  })
  void agreesWithTheEngineOnOneDnn(int depth, Stem stem, Norm norm, int size, double tolerance) {
    EncoderSettings settings = new EncoderSettings(depth, 0.25, stem, norm, size, false, 2, 24, 20);
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
      float[] parameters = expected.initialParameters(1);
      for (int i = 0; i < parameters.length; i++) {
        parameters[i] += 0.02f * (float) random.nextGaussian();
      }
      expected.load(parameters);
      found.load(parameters);
      for (int repetition = 0; repetition < 2; repetition++) {
        float[] expectedGradient = new float[parameters.length];
        float[] foundGradient = new float[parameters.length];
        try (Engine.Activations a = expected.forward(views, count);
            Engine.Activations b = found.forward(views, count)) {
          assertThat(EngineTest.difference(b.embeddings(), a.embeddings())).isLessThan(1e-4);
          expected.backward(a, dz, expectedGradient);
          found.backward(b, dz, foundGradient);
          assertThat(EngineTest.difference(foundGradient, expectedGradient)).isLessThan(tolerance);
          if (norm == Norm.BATCH) {
            assertThat(EngineTest.difference(b.statistics(), a.statistics())).isLessThan(1e-4);
          }
          assertThat(
                  EngineTest.difference(
                      found.features(views, count, b.statistics()),
                      expected.features(views, count, a.statistics())))
              .isLessThan(1e-4);
        }
      }
    }
  }
}
