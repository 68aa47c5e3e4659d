package org.simclrspark.worker.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.simclrspark.worker.engine.MicroBatchEngine;
import org.simclrspark.worker.machine.Natives;
import org.simclrspark.worker.network.EncoderSettings;
import org.simclrspark.worker.network.EncoderSettings.Initialization;
import org.simclrspark.worker.network.EncoderSettings.Norm;
import org.simclrspark.worker.network.EncoderSettings.Stem;

class EngineMemoryTest {

  private static final EncoderSettings SETTINGS =
      new EncoderSettings(
          18, 0.25, Stem.SMALL, Norm.BATCH, 16, false, Initialization.SIMCLR, 2, 24, 20);

  @Test
  void inferenceTakesAFractionOfWhatTrainingTakes() {
    try (OneDnnEngine engine = new OneDnnEngine(SETTINGS, 1, Natives::limitThread)) {
      engine.load(engine.initialParameters(1));
      float[] statistics = new float[engine.statisticsSize()];
      engine.features(new float[64 * 3 * 16 * 16], 64, statistics);

      // Neither 64 views' activations nor what a backward pass would work in.
      assertThat(engine.sizesWithMemory()).isZero();
      assertThat(engine.inferenceBytes())
          .isPositive()
          .isLessThan(engine.activationBytes(Inference.VIEWS) / 4);
      assertThat(engine.tileBytes()).isZero();
    }
  }

  @Test
  void sizesOfMicroBatchesGiveUpTheirMemory() {
    try (OneDnnEngine engine = new OneDnnEngine(SETTINGS, 1, Natives::limitThread)) {
      engine.load(engine.initialParameters(1));
      float[] views = new float[20 * 3 * 16 * 16];
      float[] gradient = new float[engine.parameters().size()];
      // The first size is kept through all others, as activations are.
      try (MicroBatchEngine.Activations kept = engine.forward(views, 20)) {
        for (int size = 1; size < 20; size++) {
          engine.forward(views, size).close();
        }
        assertThat(engine.sizesWithMemory()).isEqualTo(Member.MOST_SLICES);
        engine.backward(kept, new float[20 * 20], gradient);
        assertThat(engine.tileBytes())
            .isPositive()
            .isLessThan(EngineHeap.bytes(engine.network(), 1));
      }
      assertThat(gradient).doesNotContain(Float.NaN);
    }
  }
}
