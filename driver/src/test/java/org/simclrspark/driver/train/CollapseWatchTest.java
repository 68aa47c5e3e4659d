package org.simclrspark.driver.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.simclrspark.driver.step.StepCost;
import org.simclrspark.driver.step.StepImages;
import org.simclrspark.driver.step.StepResult;
import org.simclrspark.loss.Embeddings;
import org.simclrspark.loss.NtXent;
import org.simclrspark.loss.statistics.EmbeddingStatistics;

class CollapseWatchTest {

  private static final int DIMENSION = 8;

  @Test
  void warnsOnceWhenAllEmbeddingsAreNearlyEqual() {
    CollapseWatch watch = new CollapseWatch(DIMENSION, 4);
    assertThat(watch.warning(1, step(1))).isEmpty();
    assertThat(watch.warning(2, step(1e-3)))
        .hasValueSatisfying(line -> assertThat(line).contains("collapsed in step 2"));
    assertThat(watch.warning(3, step(1e-3))).isEmpty();
    assertThat(watch.isCollapsed(step(1e-3))).isTrue();
    assertThat(watch.isCollapsed(step(1))).isFalse();
    assertThat(watch.warning(4, step(1))).isEmpty();
    assertThat(watch.warning(5, step(1e-3))).isPresent();
  }

  @Test
  void namesZeroVectorsOnce() {
    CollapseWatch watch = new CollapseWatch(DIMENSION, 4);
    assertThat(watch.zeroWarning(1, step(1))).isEmpty();
    assertThat(watch.zeroWarning(2, step(0)))
        .hasValueSatisfying(
            line ->
                assertThat(line)
                    .startsWith("Warning: 2 of 64 embeddings of step 2 are the zero vector")
                    .contains("image 20 of the step, in shard 2.", "train.micro-batch"));
    assertThat(watch.zeroWarning(3, step(0))).isEmpty();
  }

  /**
   * A step whose embeddings differ from one vector by some noise; with none, two of them are zero.
   */
  private static StepResult step(double noise) {
    Random random = new Random(1);
    float[] z = new float[64 * DIMENSION];
    for (int i = 0; i < z.length; i++) {
      z[i] = (float) ((noise < 1 ? 1 : 0) + noise * random.nextGaussian());
    }
    if (noise == 0) {
      Arrays.fill(z, 40 * DIMENSION, 42 * DIMENSION, 0f);
    }
    Embeddings embeddings = Embeddings.of(z, DIMENSION);
    return new StepResult(
        new float[0],
        new float[0],
        new NtXent(0.5, 1).all(embeddings),
        EmbeddingStatistics.of(embeddings),
        new StepImages(0, List.of(), List.of()),
        new StepCost(Map.of(), Map.of(), Map.of(), 1, 0));
  }
}
