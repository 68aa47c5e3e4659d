package org.simclrspark.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.simclrspark.loss.reference.ReferenceNtXent;

/** The laws of the loss, and its values against the double-precision oracle. */
class NtXentTest {
  private static final double LOSS_TOLERANCE = 1e-6;

  @Provide
  Arbitrary<Integer> rowCounts() {
    return Arbitraries.oneOf(
            Arbitraries.integers().between(2, 20),
            Arbitraries.of(95, 96, 97, 111, 112, 192, 193, 208),
            Arbitraries.integers().between(90, 260))
        .map(images -> 2 * images);
  }

  @Provide
  Arbitrary<Integer> dimensions() {
    return Arbitraries.of(1, 2, 3, 8, 31, 32, 33, 64, 100);
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
      @ForAll @IntRange(min = 1, max = 3) int threads,
      @ForAll long seed) {
    float[] z = TestEmbeddings.pairs(rows, dimension, 0.6, seed);
    Embeddings embeddings = Embeddings.of(z, dimension);
    ReferenceNtXent reference = TestEmbeddings.reference(z, dimension, temperature);
    NtXent loss = new NtXent(temperature, threads);
    double scale = 1 + 1 / temperature;

    for (RowStatistics statistics : List.of(loss.all(embeddings), loss.rows(embeddings, 0, rows))) {
      double[] logNormalisers = statistics.logNormalisers();
      double entropy = 0;
      for (int i = 0; i < rows; i++) {
        assertThat(logNormalisers[i])
            .isCloseTo(reference.logNormaliser(i), within(LOSS_TOLERANCE * scale));
        entropy += reference.entropy(i);
      }
      assertThat(statistics.meanLoss()).isCloseTo(reference.loss(), within(LOSS_TOLERANCE * scale));
      assertThat(statistics.contrastiveEntropy())
          .isCloseTo(entropy / rows, within(3 * LOSS_TOLERANCE * scale));
    }
  }

  @Property(tries = 30, shrinking = ShrinkingMode.OFF)
  void countsThePositivesThatAreNearest(
      @ForAll("rowCounts") int rows,
      @ForAll("temperatures") double temperature,
      @ForAll long seed) {
    int dimension = 8;
    float[] z = TestEmbeddings.pairs(rows, dimension, 0.6, seed);
    ReferenceNtXent reference = TestEmbeddings.reference(z, dimension, temperature);
    int expected = 0;
    for (int i = 0; i < rows; i++) {
      expected += reference.positiveIsNearest(i) ? 1 : 0;
    }
    RowStatistics all = new NtXent(temperature, 2).all(Embeddings.of(z, dimension));
    assertThat(all.nearestPositives()).isEqualTo(expected);
    assertThat(all.contrastiveAccuracy()).isEqualTo((double) expected / rows);
  }

  @Property(tries = 30, shrinking = ShrinkingMode.OFF)
  void equalEmbeddingsGiveTheLogarithmOfTheOtherRows(
      @ForAll("rowCounts") int rows,
      @ForAll("dimensions") int dimension,
      @ForAll("temperatures") double temperature,
      @ForAll long seed) {
    float[] row = TestEmbeddings.pairs(2, dimension, 1, seed);
    float[] z = new float[rows * dimension];
    for (int i = 0; i < z.length; i++) {
      z[i] = row[i % dimension];
    }
    Embeddings embeddings = Embeddings.of(z, dimension);
    RowStatistics all = new NtXent(temperature, 2).all(embeddings);
    double tolerance = 1e-6 * (1 + 1 / temperature);
    assertThat(all.meanLoss()).isCloseTo(Math.log(rows - 1), within(tolerance));
    assertThat(all.contrastiveEntropy()).isCloseTo(Math.log(rows - 1), within(tolerance));
    assertThat(all.nearestPositives()).as("the positive is not nearer than the others").isZero();
  }

  @Test
  void lossOfAFullBatchOfEqualSimilarities() {
    float[] z = new float[16384];
    Arrays.fill(z, 1);
    RowStatistics all = new NtXent(0.5, 2).all(Embeddings.of(z, 1));
    assertThat(all.meanLoss()).isCloseTo(9.704, within(5e-4));
  }

  @Property(tries = 30, shrinking = ShrinkingMode.OFF)
  void symmetriesChangeNothing(
      @ForAll("rowCounts") int rows,
      @ForAll("temperatures") double temperature,
      @ForAll long seed) {
    int dimension = 16;
    Random random = new Random(seed);
    float[] z = TestEmbeddings.pairs(rows, dimension, 0.6, seed);
    NtXent loss = new NtXent(temperature, 2);
    double expected = loss.all(Embeddings.of(z, dimension)).meanLoss();
    double tolerance = 4e-6 * (1 + 1 / temperature);

    List<Integer> images = new ArrayList<>();
    for (int k = 0; k < rows / 2; k++) {
      images.add(k);
    }
    Collections.shuffle(images, random);
    float[] permuted = new float[z.length];
    float[] swapped = new float[z.length];
    float[] scaled = new float[z.length];
    float[] rotated = new float[z.length];
    for (int row = 0; row < rows; row++) {
      int from = 2 * images.get(row / 2) + row % 2;
      System.arraycopy(z, from * dimension, permuted, row * dimension, dimension);
      System.arraycopy(z, (row ^ 1) * dimension, swapped, row * dimension, dimension);
      float length = (float) Math.exp(8 * random.nextDouble() - 4);
      for (int k = 0; k < dimension; k++) {
        scaled[row * dimension + k] = length * z[row * dimension + k];
      }
    }
    System.arraycopy(z, 0, rotated, 0, z.length);
    for (int turn = 0; turn < 40; turn++) {
      rotate(rotated, dimension, random);
    }

    for (float[] same : List.of(permuted, swapped, scaled, rotated)) {
      assertThat(loss.all(Embeddings.of(same, dimension)).meanLoss())
          .isCloseTo(expected, within(tolerance));
    }
  }

  /** Turns all rows by one angle in the plane of two dimensions. */
  private static void rotate(float[] z, int dimension, Random random) {
    int a = random.nextInt(dimension);
    int b = (a + 1 + random.nextInt(dimension - 1)) % dimension;
    double angle = random.nextDouble() * 2 * Math.PI;
    for (int row = 0; row < z.length; row += dimension) {
      double x = z[row + a];
      double y = z[row + b];
      z[row + a] = (float) (Math.cos(angle) * x - Math.sin(angle) * y);
      z[row + b] = (float) (Math.sin(angle) * x + Math.cos(angle) * y);
    }
  }

  @Property(tries = 40, shrinking = ShrinkingMode.OFF)
  void anyPartitionGivesTheWhole(
      @ForAll("rowCounts") int rows,
      @ForAll("dimensions") int dimension,
      @ForAll("temperatures") double temperature,
      @ForAll @IntRange(min = 1, max = 5) int cuts,
      @ForAll long seed) {
    float[] z = TestEmbeddings.pairs(rows, dimension, 0.6, seed);
    Embeddings embeddings = Embeddings.of(z, dimension);
    NtXent loss = new NtXent(temperature, 2);
    RowStatistics whole = loss.all(embeddings);
    double[] logNormalisers = whole.logNormalisers();
    float[] gradient = TestEmbeddings.gradient(loss, embeddings);

    int[] bounds = new Random(seed).ints(cuts, 0, rows).sorted().distinct().toArray();
    List<RowStatistics> parts = new ArrayList<>();
    float[] assembled = new float[rows * dimension];
    int from = 0;
    for (int i = 0; i <= bounds.length; i++) {
      int to = i < bounds.length ? bounds[i] : rows;
      if (from < to) {
        parts.add(loss.rows(embeddings, from, to));
        loss.gradient(embeddings, logNormalisers, from, to, assembled, from * dimension);
        from = to;
      }
    }
    RowStatistics together = RowStatistics.concatenate(parts);

    double scale = 1 + 1 / temperature;
    assertThat(together.logNormalisers())
        .containsExactly(logNormalisers, within(LOSS_TOLERANCE * scale));
    assertThat(together.meanLoss()).isCloseTo(whole.meanLoss(), within(LOSS_TOLERANCE * scale));
    assertThat(together.nearestPositives()).isEqualTo(whole.nearestPositives());
    assertThat(
            TestEmbeddings.relativeError(
                TestEmbeddings.toDouble(assembled),
                TestEmbeddings.toDouble(gradient),
                1e-6 / temperature))
        .isLessThan(2e-6);
  }

  @ParameterizedTest
  @CsvSource({"1000,48,0.1", "1000,48,0.01", "70,130,0.5"})
  void bitsDoNotDependOnThreads(int rows, int dimension, double temperature) {
    float[] z = TestEmbeddings.pairs(rows, dimension, 0.6, 7);
    Embeddings embeddings = Embeddings.of(z, dimension);
    NtXent one = new NtXent(temperature, 1);
    double[] logNormalisers = one.all(embeddings).logNormalisers();
    double[] ofRows = one.rows(embeddings, 3, rows - 2).logNormalisers();
    float[] gradient = TestEmbeddings.gradient(one, embeddings);
    float[] ofRange = new float[10 * dimension];
    one.gradient(embeddings, logNormalisers, 5, 15, ofRange, 0);
    for (int threads = 2; threads <= 6; threads++) {
      NtXent loss = new NtXent(temperature, threads);
      assertThat(loss.all(embeddings).logNormalisers()).isEqualTo(logNormalisers);
      assertThat(loss.rows(embeddings, 3, rows - 2).logNormalisers()).isEqualTo(ofRows);
      assertThat(TestEmbeddings.gradient(loss, embeddings)).isEqualTo(gradient);
      float[] again = new float[10 * dimension];
      loss.gradient(embeddings, logNormalisers, 5, 15, again, 0);
      assertThat(again).isEqualTo(ofRange);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.01, 0.02, 0.1})
  void rowsFarFromAllOthersStayFinite(double temperature) {
    int dimension = 4;
    int rows = 400;
    float[] z = new float[rows * dimension];
    for (int row = 0; row < rows; row++) {
      z[row * dimension] = row == 0 ? 1 : -1;
    }
    RowStatistics all = new NtXent(temperature, 2).all(Embeddings.of(z, dimension));
    assertThat(all.logNormalisers()[0])
        .isCloseTo(-1 / temperature + Math.log(rows - 1), within(1e-4));
    assertThat(all.logNormalisers()[1])
        .isCloseTo(1 / temperature + Math.log(rows - 2), within(1e-4));
  }

  @Test
  void sumsKeepTheTail() {
    int rows = 2000;
    int dimension = 2;
    double temperature = 0.1;
    float[] z = new float[rows * dimension];
    for (int row = 0; row < rows; row++) {
      z[row * dimension + (row < 2 ? 0 : 1)] = 1;
    }
    RowStatistics first = new NtXent(temperature, 1).rows(Embeddings.of(z, dimension), 0, 2);
    double tail = (rows - 2) * Math.exp(-1 / temperature);
    assertThat(first.lossSum() / 2).isCloseTo(Math.log1p(tail), within(1e-7 * tail));
  }
}
