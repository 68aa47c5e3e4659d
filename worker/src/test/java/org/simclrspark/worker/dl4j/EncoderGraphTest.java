package org.simclrspark.worker.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.simclrspark.worker.Engines;
import org.simclrspark.worker.engine.MicroBatchEngine;
import org.simclrspark.worker.machine.Natives;
import org.simclrspark.worker.network.EncoderSettings;
import org.simclrspark.worker.network.EncoderSettings.Initialization;
import org.simclrspark.worker.network.EncoderSettings.Norm;
import org.simclrspark.worker.network.EncoderSettings.Stem;
import org.simclrspark.worker.onednn.OneDnnEngine;

class EncoderGraphTest {

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "18, SMALL, BATCH, 16",
    "50, IMAGENET, BATCH, 65",
    "18, IMAGENET, GROUP, 32",
    "50, SMALL, GROUP_WEIGHT_STANDARDISED, 16"
  })
  void bothGraphsGiveTheEnginesFeaturesBeforeAndAfterTheyAreStored(
      int depth, Stem stem, Norm norm, int size) throws Exception {
    EncoderSettings settings =
        new EncoderSettings(depth, 0.25, stem, norm, size, false, Initialization.SIMCLR, 2, 32, 16);
    int count = 6;
    Random random = new Random(5);
    float[] views = new float[count * 3 * size * size];
    for (int i = 0; i < views.length; i++) {
      views[i] = random.nextFloat();
    }
    try (OneDnnEngine engine = new OneDnnEngine(settings, 1, Natives::limitThread)) {
      float[] parameters = engine.initialParameters(9);
      for (int i = 0; i < parameters.length; i++) {
        parameters[i] += 0.02f * (float) random.nextGaussian();
      }
      engine.load(parameters);
      float[] statistics;
      try (MicroBatchEngine.Activations activations = engine.forward(views, count)) {
        statistics = activations.statistics().clone();
      }
      float[] expected = engine.features(views, count, statistics);
      INDArray input = Nd4j.create(views, new long[] {count, 3, size, size}, 'c');

      for (ComputationGraph graph :
          Arrays.asList(
              EncoderGraph.portable(settings, parameters, statistics),
              EncoderGraph.fast(settings, parameters, statistics, 1))) {
        agree(graph.outputSingle(false, input), expected, count);
        Path file = folder.resolve("encoder.zip");
        ModelSerializer.writeModel(graph, file.toFile(), false);
        ComputationGraph restored = ModelSerializer.restoreComputationGraph(file.toFile(), false);
        agree(restored.outputSingle(false, input), expected, count);
      }
    }
    Engines.closeIdle();
  }

  private static void agree(INDArray h, float[] expected, int count) {
    assertThat(h.shape()).containsExactly(count, expected.length / count);
    float[] found = h.dup('c').data().asFloat();
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      difference = Math.max(difference, Math.abs(found[i] - expected[i]));
    }
    assertThat(largest).isGreaterThan(0.1);
    assertThat(difference / largest).isLessThan(1e-4);
  }
}
