package org.simclrspark.loss.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.simclrspark.loss.bench.LossBenchmark.Implementation;
import org.simclrspark.loss.bench.LossBenchmark.Settings;

/** That the benchmark measures what it says; how fast is for the command to tell. */
class LossBenchmarkTest {
  @ParameterizedTest
  @EnumSource(Implementation.class)
  void gradientsAreThoseOfDoublePrecision(Implementation implementation) {
    Settings settings = new Settings(500, 64, 0.1, 2, 500, implementation);
    assertThat(LossBenchmark.gradientError(settings, 50)).isBetween(1e-9, 5e-6);
  }

  @Test
  void rowsAreAtMostTheViews() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Settings(500, 64, 0.1, 2, 501, Implementation.TILES))
        .withMessageEndingWith("found 501");
  }
}
