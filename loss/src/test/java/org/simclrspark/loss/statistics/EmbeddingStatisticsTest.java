package org.simclrspark.loss.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.simclrspark.loss.Embeddings;
import org.simclrspark.loss.TestEmbeddings;

class EmbeddingStatisticsTest {
  @Test
  void equalEmbeddingsHaveNoSpreadAndRankOne() {
    float[] z = new float[40 * 7];
    for (int i = 0; i < z.length; i++) {
      z[i] = 1 + i % 7;
    }
    EmbeddingStatistics statistics = EmbeddingStatistics.of(Embeddings.of(z, 7));
    assertThat(statistics.standardDeviation()).isCloseTo(0, within(1e-12));
    assertThat(statistics.effectiveRank()).isCloseTo(1, within(1e-5));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 40})
  void orthogonalDirectionsCountEach(int directions) {
    int dimension = 40;
    float[] z = new float[2 * 40 * dimension];
    for (int row = 0; row < 80; row++) {
      z[row * dimension + row % directions] = 3;
    }
    EmbeddingStatistics statistics = EmbeddingStatistics.of(Embeddings.of(z, dimension));
    assertThat(statistics.effectiveRank()).isCloseTo(directions, within(1e-3));
  }

  @Test
  void spectrumIsTheSharesOfTheSingularValues() {
    // Singular values sqrt(12) and sqrt(3) (unit rows): two thirds and one third of their sum.
    float[] z = new float[16 * 3];
    for (int row = 0; row < 15; row++) {
      z[row * 3 + (row < 12 ? 2 : 0)] = 7;
    }
    EmbeddingStatistics statistics = EmbeddingStatistics.of(Embeddings.of(z, 3));
    assertThat(statistics.spectrum()).hasSize(3);
    assertThat(statistics.spectrum().get(0)).isCloseTo(2.0 / 3, within(1e-9));
    assertThat(statistics.spectrum().get(1)).isCloseTo(1.0 / 3, within(1e-9));
    assertThat(statistics.spectrum().get(2)).isCloseTo(0, within(1e-9));
  }

  @Test
  void evenSpreadHasTheDeviationOfTheSphere() {
    int dimension = 64;
    float[] z = TestEmbeddings.pairs(4000, dimension, 1, 2);
    EmbeddingStatistics statistics = EmbeddingStatistics.of(Embeddings.of(z, dimension));
    assertThat(statistics.standardDeviation()).isCloseTo(1 / 8.0, within(2e-3));
    assertThat(statistics.effectiveRank()).isBetween(62.0, 64.0);
  }

  @Test
  void deviationIsTheMeanOverDimensions() {
    float[] z = new float[] {1, 0, 1, 0, 0, 1, 0, 1};
    EmbeddingStatistics statistics = EmbeddingStatistics.of(Embeddings.of(z, 2));
    assertThat(statistics.standardDeviation()).isCloseTo(0.5, within(1e-12));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 10, 75})
  void eigenvaluesAreThoseTheMatrixWasMadeFrom(int n) {
    Random random = new Random(n);
    double[] expected = random.doubles(n, -5, 5).toArray();
    expected[0] = 0;
    if (n > 4) {
      expected[4] = expected[3];
    }
    double[][] matrix = new double[n][n];
    for (int i = 0; i < n; i++) {
      matrix[i][i] = expected[i];
    }
    for (int turn = 0; turn < 20 * (n - 1); turn++) {
      rotate(matrix, random);
    }
    double[] actual = SymmetricEigenvalues.of(matrix);
    Arrays.sort(actual);
    Arrays.sort(expected);
    assertThat(actual).containsExactly(expected, within(1e-12 * n));
  }

  /** G A G^T with a rotation G in a random plane. */
  private static void rotate(double[][] a, Random random) {
    int n = a.length;
    int p = random.nextInt(n);
    int q = (p + 1 + random.nextInt(n - 1)) % n;
    double angle = random.nextDouble() * 6;
    double c = Math.cos(angle);
    double s = Math.sin(angle);
    for (int k = 0; k < n; k++) {
      double x = a[p][k];
      double y = a[q][k];
      a[p][k] = c * x - s * y;
      a[q][k] = s * x + c * y;
    }
    for (int k = 0; k < n; k++) {
      double x = a[k][p];
      double y = a[k][q];
      a[k][p] = c * x - s * y;
      a[k][q] = s * x + c * y;
    }
  }
}
