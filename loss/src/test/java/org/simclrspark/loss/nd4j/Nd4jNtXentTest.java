package org.simclrspark.loss.nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.simclrspark.loss.Embeddings;
import org.simclrspark.loss.NtXent;
import org.simclrspark.loss.RowStatistics;
import org.simclrspark.loss.TestEmbeddings;

/** ND4J's operations against the tiles, in one block and over the edges of several. */
class Nd4jNtXentTest {
  @ParameterizedTest
  @CsvSource({"4,3,0.5", "34,16,0.1", "300,32,0.05", "600,24,0.01", "4200,16,0.2"})
  void agreesWithTheTiles(int rows, int dimension, double temperature) {
    Embeddings z = Embeddings.of(TestEmbeddings.pairs(rows, dimension, 0.7, 4), dimension);
    NtXent tiles = new NtXent(temperature, 2);
    Nd4jNtXent nd4j = new Nd4jNtXent(temperature);
    RowStatistics expected = tiles.all(z);
    RowStatistics actual = nd4j.all(z);
    double tolerance = 2e-6 * (1 + 1 / temperature);
    assertThat(actual.logNormalisers())
        .containsExactly(expected.logNormalisers(), within(tolerance));
    assertThat(actual.meanLoss()).isCloseTo(expected.meanLoss(), within(tolerance));
    assertThat(actual.contrastiveEntropy())
        .isCloseTo(expected.contrastiveEntropy(), within(3 * tolerance));
    assertThat(actual.nearestPositives()).isEqualTo(expected.nearestPositives());

    float[] gradient = new float[rows * dimension];
    nd4j.gradient(z, expected.logNormalisers(), gradient);
    double[] reference = TestEmbeddings.toDouble(TestEmbeddings.gradient(tiles, z));
    double bound = 3e-6 + 3e-7 / temperature;
    assertThat(TestEmbeddings.relativeError(gradient, reference)).isLessThan(bound);
  }

  @ParameterizedTest
  @CsvSource({"0,600", "1023,1026", "3,1500"})
  void rangesAreParts(int from, int to) {
    int dimension = 16;
    Embeddings z = Embeddings.of(TestEmbeddings.pairs(1600, dimension, 0.7, 4), dimension);
    Nd4jNtXent loss = new Nd4jNtXent(0.1);
    double[] all = loss.all(z).logNormalisers();
    assertThat(loss.rows(z, from, to).logNormalisers())
        .containsExactly(Arrays.copyOfRange(all, from, to), within(1e-5));
    float[] whole = new float[1600 * dimension];
    loss.gradient(z, all, whole);
    float[] part = new float[(to - from) * dimension + 1];
    loss.gradient(z, all, from, to, part, 1);
    double[] expected =
        TestEmbeddings.toDouble(Arrays.copyOfRange(whole, from * dimension, to * dimension));
    assertThat(TestEmbeddings.relativeError(Arrays.copyOfRange(part, 1, part.length), expected))
        .isLessThan(5e-6);
  }

  @ParameterizedTest
  @CsvSource({"0.1", "0.01"})
  void equalEmbeddingsGiveTheLogarithmOfTheOtherRows(double temperature) {
    float[] z = new float[200 * 5];
    Arrays.fill(z, 2);
    RowStatistics all = new Nd4jNtXent(temperature).all(Embeddings.of(z, 5));
    assertThat(all.meanLoss()).isCloseTo(Math.log(199), within(1e-4));
    assertThat(all.nearestPositives()).isZero();
  }
}
