package org.simclrspark.loss;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the loss refuses, and that it says which row or value. */
class LossArgumentsTest {
  private final Embeddings z = Embeddings.of(TestEmbeddings.pairs(8, 3, 0.5, 1), 3);

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void embeddingsMustBeFinite(float value) {
    float[] values = TestEmbeddings.pairs(8, 3, 0.5, 1);
    values[5 * 3 + 2] = value;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Embeddings.of(values, 3))
        .withMessage(
            String.format(
                Locale.ROOT,
                "Invalid embedding, must be finite, found %s in row 5, dimension 2",
                value));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 5, 7})
  void rowsMustBeEvenAndAtLeastFour(int rows) {
    float[] values = new float[rows * 3];
    Arrays.fill(values, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Embeddings.of(values, 3))
        .withMessageContaining("must be even")
        .withMessageEndingWith("found " + rows);
  }

  @Test
  void valuesMustBeWholeRows() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Embeddings.of(new float[13], 3))
        .withMessageEndingWith("found 13 values");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Embeddings.of(new float[12], 0))
        .withMessageEndingWith("at least 1, found 0");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -0.1, Double.NaN, Double.POSITIVE_INFINITY, 1e-9})
  void temperatureMustBePositive(double temperature) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new NtXent(temperature, 1))
        .withMessageStartingWith("Invalid temperature")
        .withMessageEndingWith("found " + temperature);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1})
  void threadsMustBePositive(int threads) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new NtXent(0.1, threads))
        .withMessageEndingWith("found " + threads);
  }

  @Test
  void rangesMustBeWithinTheBatch() {
    NtXent loss = new NtXent(0.1, 1);
    for (int[] range : new int[][] {{-1, 2}, {2, 2}, {3, 2}, {0, 9}}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> loss.rows(z, range[0], range[1]))
          .withMessageEndingWith(String.format(Locale.ROOT, "found [%d, %d)", range[0], range[1]));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> loss.gradient(z, new double[8], range[0], range[1], new float[24], 0))
          .withMessageEndingWith(String.format(Locale.ROOT, "found [%d, %d)", range[0], range[1]));
    }
  }

  @Test
  void logNormalisersMustBeThoseOfAllRows() {
    NtXent loss = new NtXent(0.1, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> loss.gradient(z, new double[7], new float[24]))
        .withMessageEndingWith("found 7");
    double[] logNormalisers = new double[8];
    logNormalisers[3] = Double.NaN;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> loss.gradient(z, logNormalisers, new float[24]))
        .withMessageEndingWith("found NaN in row 3");
  }

  @Test
  void gradientMustFit() {
    NtXent loss = new NtXent(0.1, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> loss.gradient(z, new double[8], 2, 4, new float[10], 5))
        .withMessageEndingWith("must hold 6 values from offset 5, found length 10");
  }
}
