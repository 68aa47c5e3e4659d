package org.simclrspark.loss;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.simclrspark.loss.reference.ReferenceNtXent;

/** The gradient against the oracle, central differences and a cross-entropy over a full matrix. */
class NtXentGradientTest {
  private static final double TOLERANCE = 5e-6;

  @Provide
  Arbitrary<Integer> rowCounts() {
    return Arbitraries.of(4, 6, 10, 32, 34, 62, 192, 194, 224, 384, 400);
  }

  @Provide
  Arbitrary<Integer> dimensions() {
    return Arbitraries.of(2, 3, 8, 31, 32, 33, 64, 100);
  }

  @Provide
  Arbitrary<Double> temperatures() {
    return Arbitraries.of(0.01, 0.015, 0.016, 0.05, 0.1, 0.5, 1.0, 10.0);
  }

  @Property(tries = 60, shrinking = ShrinkingMode.OFF)
  void agreesWithTheReference(
      @ForAll("rowCounts") int rows,
      @ForAll("dimensions") int dimension,
      @ForAll("temperatures") double temperature,
      @ForAll long seed) {
    float[] z = TestEmbeddings.pairs(rows, dimension, 0.6, seed);
    double[] expected =
        TestEmbeddings.gradient(TestEmbeddings.reference(z, dimension, temperature), dimension);
    float[] dz = TestEmbeddings.gradient(new NtXent(temperature, 2), Embeddings.of(z, dimension));
    assertThat(error(dz, expected, temperature)).isLessThan(3e-6 + 3e-7 / temperature);
  }

  @ParameterizedTest
  @CsvSource({"2048,128,0.05,1e-5", "1024,128,0.01,1e-5", "600,16,0.01,1e-5", "600,64,0.015,1e-5"})
  void isAccurateAtLowTemperatures(int rows, int dimension, double temperature, double tolerance) {
    float[] z = TestEmbeddings.pairs(rows, dimension, 0.8, 11);
    double[] expected =
        TestEmbeddings.gradient(TestEmbeddings.reference(z, dimension, temperature), dimension);
    float[] dz = TestEmbeddings.gradient(new NtXent(temperature, 2), Embeddings.of(z, dimension));
    assertThat(TestEmbeddings.relativeError(dz, expected)).isLessThan(tolerance);
  }

  @Test
  void isAccurateWhereTheBatchIsSolved() {
    int rows = 200;
    int dimension = 128;
    float[] z = TestEmbeddings.pairs(rows, dimension, 0.05, 3);
    ReferenceNtXent reference = TestEmbeddings.reference(z, dimension, 0.05);
    assertThat(reference.loss()).isLessThan(1e-4);
    float[] dz = TestEmbeddings.gradient(new NtXent(0.05, 2), Embeddings.of(z, dimension));
    double[] expected = TestEmbeddings.gradient(reference, dimension);
    assertThat(TestEmbeddings.relativeError(dz, expected)).isLessThan(TOLERANCE);
  }

  @Property(tries = 10, shrinking = ShrinkingMode.OFF)
  void equalsCentralDifferences(
      @ForAll("dimensions") int dimension,
      @ForAll("temperatures") double temperature,
      @ForAll long seed) {
    int rows = 10;
    float[] z = TestEmbeddings.pairs(rows, dimension, 0.6, seed);
    double step = 1e-5;
    double[] expected = new double[z.length];
    for (int i = 0; i < z.length; i++) {
      double[] moved = TestEmbeddings.toDouble(z);
      moved[i] = z[i] + step;
      double above = new ReferenceNtXent(moved, dimension, temperature).loss();
      moved[i] = z[i] - step;
      double below = new ReferenceNtXent(moved, dimension, temperature).loss();
      expected[i] = (above - below) / (2 * step);
    }
    float[] dz = TestEmbeddings.gradient(new NtXent(temperature, 1), Embeddings.of(z, dimension));
    assertThat(error(dz, expected, temperature)).isLessThan(1e-4);
  }

  @ParameterizedTest
  @CsvSource({"64,16,0.1", "250,32,0.5", "400,8,0.05"})
  void equalsCrossEntropyOverTheMaskedSimilarityMatrix(
      int rows, int dimension, double temperature) {
    float[] z = TestEmbeddings.pairs(rows, dimension, 0.6, 5);
    double[] expected = crossEntropyGradient(z, dimension, temperature, true);
    float[] dz = TestEmbeddings.gradient(new NtXent(temperature, 2), Embeddings.of(z, dimension));
    assertThat(TestEmbeddings.relativeError(dz, expected)).isLessThan(TOLERANCE);
  }

  @Test
  void aMissingGradientThroughNegativesWouldBeSeen() {
    int rows = 250;
    int dimension = 32;
    double temperature = 0.1;
    float[] z = TestEmbeddings.pairs(rows, dimension, 0.6, 5);
    double[] wrong = crossEntropyGradient(z, dimension, temperature, false);
    float[] dz = TestEmbeddings.gradient(new NtXent(temperature, 2), Embeddings.of(z, dimension));
    assertThat(TestEmbeddings.relativeError(dz, wrong)).isGreaterThan(0.1);
  }

  /**
   * As an autograd framework does it: logits S with -infinity on the diagonal, softmax minus
   * one-hot targets, and both factors of S = U U^T / temperature; without {@code throughGathered}
   * the second factor is taken for a constant.
   */
  private static double[] crossEntropyGradient(
      float[] z, int dimension, double temperature, boolean throughGathered) {
    int rows = z.length / dimension;
    double[][] u = new double[rows][dimension];
    double[] norms = new double[rows];
    for (int i = 0; i < rows; i++) {
      for (int k = 0; k < dimension; k++) {
        u[i][k] = z[i * dimension + k];
        norms[i] += u[i][k] * u[i][k];
      }
      norms[i] = Math.sqrt(norms[i]);
      for (int k = 0; k < dimension; k++) {
        u[i][k] /= norms[i];
      }
    }
    double[][] du = new double[rows][dimension];
    for (int i = 0; i < rows; i++) {
      double[] logits = new double[rows];
      double sum = 0;
      for (int j = 0; j < rows; j++) {
        for (int k = 0; k < dimension; k++) {
          logits[j] += u[i][k] * u[j][k] / temperature;
        }
        logits[j] = j == i ? Double.NEGATIVE_INFINITY : logits[j];
        sum += Math.exp(logits[j]);
      }
      for (int j = 0; j < rows; j++) {
        double target = j == (i ^ 1) ? 1 : 0;
        double dLogit = (Math.exp(logits[j]) / sum - target) / rows;
        for (int k = 0; k < dimension; k++) {
          du[i][k] += dLogit * u[j][k] / temperature;
          if (throughGathered) {
            du[j][k] += dLogit * u[i][k] / temperature;
          }
        }
      }
    }
    double[] dz = new double[z.length];
    for (int i = 0; i < rows; i++) {
      double along = 0;
      for (int k = 0; k < dimension; k++) {
        along += du[i][k] * u[i][k];
      }
      for (int k = 0; k < dimension; k++) {
        dz[i * dimension + k] = (du[i][k] - along * u[i][k]) / norms[i];
      }
    }
    return dz;
  }

  private static double error(float[] dz, double[] expected, double temperature) {
    return TestEmbeddings.relativeError(TestEmbeddings.toDouble(dz), expected, 1e-6 / temperature);
  }
}
