package org.simclrspark.worker.libtorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.simclrspark.loss.Embeddings;
import org.simclrspark.loss.NtXent;
import org.simclrspark.loss.RowStatistics;
import org.simclrspark.loss.reference.ReferenceNtXent;
import org.simclrspark.worker.machine.Natives;

/** The loss on libtorch, on the CPU by the code that runs on GPUs, against double precision. */
class LibtorchNtXentTest {

  @BeforeAll
  static void prepare() {
    Natives.prepare();
  }

  @ParameterizedTest
  @CsvSource({"4,3,0.5", "34,16,0.1", "300,32,0.05", "600,24,0.01", "300,24,0.001"})
  void agreesWithDoublePrecision(int rows, int dimension, double temperature) {
    float[] values = pairs(rows, dimension);
    Embeddings z = Embeddings.of(values, dimension);
    ReferenceNtXent exact = reference(values, dimension, temperature);
    LibtorchNtXent loss = new LibtorchNtXent(temperature, Optional.empty());
    RowStatistics all = loss.all(z);
    double tolerance = 5e-7 * (1 + 1 / temperature);
    double[] logNormalisers = all.logNormalisers();
    double entropy = 0;
    int nearest = 0;
    for (int row = 0; row < rows; row++) {
      assertThat(logNormalisers[row]).isCloseTo(exact.logNormaliser(row), within(tolerance));
      entropy += exact.entropy(row) / rows;
      nearest += exact.positiveIsNearest(row) ? 1 : 0;
    }
    assertThat(all.meanLoss()).isCloseTo(exact.loss(), within(tolerance));
    assertThat(all.contrastiveEntropy()).isCloseTo(entropy, within(3 * tolerance));
    assertThat(all.nearestPositives()).isEqualTo(nearest);

    float[] gradient = new float[rows * dimension];
    loss.gradient(z, logNormalisers, gradient);
    double[] expected = new double[gradient.length];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(exact.gradient(row), 0, expected, row * dimension, dimension);
    }
    assertThat(relativeError(gradient, expected)).isLessThan(2e-6 + 2e-7 / temperature);
  }

  /** From a row that is the second of its image, over several strips, to one that is the first. */
  @ParameterizedTest
  @CsvSource({"1,2", "3,6000", "4095,8191"})
  void rangesAreParts(int from, int to) {
    int dimension = 8;
    Embeddings z = Embeddings.of(pairs(8192, dimension), dimension);
    NtXent tiles = new NtXent(0.1, 2);
    double[] all = tiles.all(z).logNormalisers();
    LibtorchNtXent loss = new LibtorchNtXent(0.1, Optional.empty());
    RowStatistics part = loss.rows(z, from, to);
    assertThat(part.from()).isEqualTo(from);
    assertThat(part.logNormalisers())
        .containsExactly(Arrays.copyOfRange(all, from, to), within(1e-5));
    float[] expected = new float[(to - from) * dimension];
    tiles.gradient(z, all, from, to, expected, 0);
    float[] gradient = new float[(to - from) * dimension + 1];
    loss.gradient(z, all, from, to, gradient, 1);
    assertThat(gradient[0]).isZero();
    assertThat(relativeError(Arrays.copyOfRange(gradient, 1, gradient.length), doubles(expected)))
        .isLessThan(5e-6);
  }

  @Test
  void theSameBitsEachTime() {
    Embeddings z = Embeddings.of(pairs(512, 32), 32);
    LibtorchNtXent loss = new LibtorchNtXent(0.1, Optional.empty());
    assertThat(loss.rows(z, 64, 128).logNormalisers())
        .containsExactly(loss.rows(z, 64, 128).logNormalisers());
  }

  @Test
  void theZeroVectorIsAsFarFromAllAndHasNoGradient() {
    float[] values = pairs(100, 5);
    Arrays.fill(values, 35, 40, 0f);
    Embeddings z = Embeddings.of(values, 5);
    LibtorchNtXent loss = new LibtorchNtXent(0.1, Optional.empty());
    NtXent tiles = new NtXent(0.1, 1);
    double[] logNormalisers = loss.all(z).logNormalisers();
    assertThat(logNormalisers[7]).isCloseTo(Math.log(99), within(1e-6));
    assertThat(logNormalisers).containsExactly(tiles.all(z).logNormalisers(), within(1e-5));
    float[] gradient = new float[500];
    loss.gradient(z, logNormalisers, gradient);
    for (int k = 35; k < 40; k++) {
      assertThat(gradient[k]).isZero();
    }
    float[] expected = new float[500];
    tiles.gradient(z, logNormalisers, expected);
    assertThat(relativeError(gradient, doubles(expected))).isLessThan(5e-6);
  }

  @ParameterizedTest
  @CsvSource({"0.1", "0.01"})
  void equalEmbeddingsGiveTheLogarithmOfTheOtherRows(double temperature) {
    float[] values = new float[200 * 5];
    Arrays.fill(values, 2);
    RowStatistics all =
        new LibtorchNtXent(temperature, Optional.empty()).all(Embeddings.of(values, 5));
    assertThat(all.meanLoss()).isCloseTo(Math.log(199), within(1e-4));
    assertThat(all.nearestPositives()).isZero();
  }

  /** Pairs of views: a common direction and noise, of several lengths. */
  private static float[] pairs(int rows, int dimension) {
    Random random = new Random(4);
    float[] z = new float[rows * dimension];
    for (int row = 0; row < rows; row++) {
      double length = Math.exp(2 * random.nextDouble());
      for (int k = 0; k < dimension; k++) {
        int at = row * dimension + k;
        double shared = row % 2 == 0 ? random.nextGaussian() : z[at - dimension];
        z[at] = (float) (row % 2 == 0 ? shared : length * (shared + 0.7 * random.nextGaussian()));
      }
    }
    return z;
  }

  private static ReferenceNtXent reference(float[] z, int dimension, double temperature) {
    return new ReferenceNtXent(doubles(z), dimension, temperature);
  }

  private static double[] doubles(float[] values) {
    double[] exact = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      exact[i] = values[i];
    }
    return exact;
  }

  /** |actual - expected| / |expected|. */
  private static double relativeError(float[] actual, double[] expected) {
    double difference = 0;
    double size = 0;
    for (int i = 0; i < actual.length; i++) {
      difference += Math.pow(actual[i] - expected[i], 2);
      size += Math.pow(expected[i], 2);
    }
    return Math.sqrt(difference / size);
  }
}
