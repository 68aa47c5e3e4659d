package org.simclrspark.worker.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.simclrspark.worker.EncoderSettings;
import org.simclrspark.worker.EncoderSettings.Norm;
import org.simclrspark.worker.EncoderSettings.Stem;
import org.simclrspark.worker.Engine;
import org.simclrspark.worker.Engines;
import org.simclrspark.worker.ParameterLayout;

/**
 * Embeddings and every parameter's gradient agree with libtorch's autograd to 1e-4, relative.
 *
 * <p>In a deep network a rounding error can switch a ReLU, and then no two float32 libraries agree
 * to that: libtorch itself is 1e-3 to 1e-2 away from its own double precision. Where {@code
 * settled} the norms' shifts keep every channel's ReLU open or shut, so that nothing switches.
 */
class LibtorchAgreementTest {

  private static final double TOLERANCE = 1e-4;

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "18, 0.5,  SMALL,    BATCH, 32, 16, true",
    "18, 0.5,  IMAGENET, GROUP, 64, 4, false",
    "18, 0.25, IMAGENET, BATCH, 64, 16, true",
    "50, 0.5,  IMAGENET, BATCH, 96, 16, true",
    "50, 0.25, IMAGENET, GROUP, 64, 4, true",
    "50, 0.25, SMALL,    GROUP, 32, 5, true",
    "50, 0.25, SMALL,    BATCH, 32, 16, true",
    "18, 0.3,  SMALL,    GROUP_WEIGHT_STANDARDISED, 32, 5, false"
  })
  void agrees(int depth, double width, Stem stem, Norm norm, int size, int count, boolean settled)
      throws Exception {
    EncoderSettings settings =
        new EncoderSettings(depth, width, stem, norm, size, false, 3, 96, 40);
    Random random = new Random(17);
    try (Engine engine = Engines.create(settings, 1)) {
      float[] parameters = engine.initialParameters(1);
      for (ParameterLayout.Block block : engine.parameters().blocks()) {
        disturb(block, parameters, settled, random);
      }
      float[] views = new float[count * 3 * size * size];
      for (int i = 0; i < views.length; i++) {
        views[i] = random.nextFloat();
      }
      float[] dz = new float[count * settings.embeddingSize()];
      for (int i = 0; i < dz.length; i++) {
        dz[i] = (float) random.nextGaussian();
      }
      engine.load(parameters);
      float[] gradient = new float[parameters.length];
      float[] embeddings;
      try (Engine.Activations activations = engine.forward(views, count)) {
        embeddings = activations.embeddings();
        engine.backward(activations, dz, gradient);
      }
      try (LibtorchProcess libtorch =
          new LibtorchProcess(settings, count, 1, "contiguous", folder, parameters, views, dz)) {
        float[][] expected = libtorch.results();
        assertThat(difference(embeddings, expected[0], 0, embeddings.length)).isLessThan(TOLERANCE);
        for (ParameterLayout.Block block : engine.parameters().blocks()) {
          // Under batch norm a shift's gradient may cancel to nothing: it counts with its scale's.
          boolean shift = block.name().endsWith(".shift");
          int offset = block.offset() - (shift ? block.length() : 0);
          int length = block.length() * (shift ? 2 : 1);
          assertThat(difference(gradient, expected[1], offset, length))
              .as(block.name())
              .isLessThan(TOLERANCE);
        }
      }
    }
  }

  private static void disturb(
      ParameterLayout.Block block, float[] parameters, boolean settled, Random random) {
    if (block.adapted()) {
      return;
    }
    boolean shift = block.name().endsWith(".shift");
    for (int i = 0; i < block.length(); i++) {
      parameters[block.offset() + i] += 0.1f * (float) random.nextGaussian();
      if (shift && settled) {
        // The same channels everywhere, so that residual additions keep the sign.
        parameters[block.offset() + i] += i % 3 == 1 ? -1.5f : 1.5f;
      }
    }
  }

  /** Norm of the difference over the norm of what is expected. */
  private static double difference(float[] found, float[] expected, int offset, int length) {
    double difference = 0;
    double size = 0;
    for (int i = offset; i < offset + length; i++) {
      difference += Math.pow((double) found[i] - expected[i], 2);
      size += Math.pow(expected[i], 2);
    }
    return Math.sqrt(difference / size);
  }
}
