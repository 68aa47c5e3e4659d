package org.simclrspark.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.simclrspark.loss.statistics.EmbeddingStatistics;

/**
 * Embeddings of dead units and of black images: similarity 0 to every row, gradient zero. What the
 * others get is what a row orthogonal to all of them would give.
 */
class ZeroEmbeddingTest {

  private static final int ROWS = 8;
  private static final int DIMENSION = 5;
  private static final double TEMPERATURE = 0.2;

  private static float[] zeroed(int... rows) {
    float[] z = TestEmbeddings.pairs(ROWS, DIMENSION, 0.5, 1);
    for (int row = 0; row < ROWS; row++) {
      z[row * DIMENSION + DIMENSION - 1] = 0;
    }
    for (int row : rows) {
      Arrays.fill(z, row * DIMENSION, (row + 1) * DIMENSION, 0f);
    }
    return z;
  }

  private static float[] gradient(float[] z) {
    Embeddings embeddings = Embeddings.of(z, DIMENSION);
    NtXent loss = new NtXent(TEMPERATURE, 1);
    double[] normalisers = loss.rows(embeddings, 0, ROWS).logNormalisers();
    float[] dz = new float[z.length];
    loss.gradient(embeddings, normalisers, 0, ROWS, dz, 0);
    return dz;
  }

  private static double loss(float[] z) {
    return new NtXent(TEMPERATURE, 1).rows(Embeddings.of(z, DIMENSION), 0, ROWS).meanLoss();
  }

  @Test
  void hasSimilarityZeroAndTheGradientZero() {
    float[] z = zeroed(6);
    float[] orthogonal = z.clone();
    orthogonal[6 * DIMENSION + DIMENSION - 1] = 3;
    assertThat(loss(z)).isCloseTo(loss(orthogonal), within(1e-6));
    float[] found = gradient(z);
    float[] expected = gradient(orthogonal);
    for (int row = 0; row < ROWS; row++) {
      for (int k = 0; k < DIMENSION - 1; k++) {
        int at = row * DIMENSION + k;
        assertThat(found[at]).isCloseTo(row == 6 ? 0 : expected[at], within(1e-6f));
      }
      assertThat(found[row * DIMENSION + DIMENSION - 1]).isZero();
    }
    assertThat(EmbeddingStatistics.of(Embeddings.of(z, DIMENSION)).zeros()).isEqualTo(1);
  }

  @Test
  void allOfThemGiveTheLossOfEqualSimilarities() {
    float[] z = new float[ROWS * DIMENSION];
    assertThat(loss(z)).isCloseTo(Math.log(ROWS - 1), within(1e-6));
    assertThat(gradient(z)).containsOnly(0f);
    EmbeddingStatistics statistics = EmbeddingStatistics.of(Embeddings.of(z, DIMENSION));
    assertThat(statistics.zeros()).isEqualTo(ROWS);
    assertThat(statistics.effectiveRank()).isEqualTo(1);
  }
}
