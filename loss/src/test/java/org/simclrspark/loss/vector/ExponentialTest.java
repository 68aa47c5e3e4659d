package org.simclrspark.loss.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ExponentialTest {
  private static float exp2(float x) {
    float[] values = new float[VectorTypes.LANES + 1];
    Arrays.fill(values, x);
    Exponential.exp2(values, 1, 1, 0, values, 1, VectorTypes.LANES);
    return values[VectorTypes.LANES];
  }

  @Test
  void relativeErrorIsWithinTheBound() {
    double largest = 0;
    for (float x = -215; x < 34; x += 0.00371f) {
      double expected = Math.pow(2, (double) x + Exponential.BIAS);
      largest = Math.max(largest, Math.abs(exp2(x) - expected) / expected);
    }
    assertThat(largest).isLessThan(1.2e-7);
  }

  @Test
  void integersAreExact() {
    for (int exponent = -216; exponent <= 34; exponent++) {
      assertThat(exp2(exponent)).isEqualTo((float) Math.pow(2, exponent + Exponential.BIAS));
    }
  }

  @Test
  void farBelowTheResultIsTinyAndNotNegative() {
    for (float x : new float[] {-215.3f, -217, -219, -1000, -2e6f}) {
      assertThat(exp2(x)).isBetween(0f, 0x1p-122f);
    }
  }
}
