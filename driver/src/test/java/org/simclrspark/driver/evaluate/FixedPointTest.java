package org.simclrspark.driver.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class FixedPointTest {

  @Test
  void sumsAreTheSameInAnyOrderAndAsGoodAsInDoublePrecision() {
    double[] values = new Random(1).doubles(100_000, -3, 3).toArray();
    FixedPoint point = FixedPoint.upTo(3.0 * values.length);
    long forward = 0;
    long backward = 0;
    for (int i = 0; i < values.length; i++) {
      forward += point.of(values[i]);
      backward += point.of(values[values.length - 1 - i]);
    }

    assertThat(backward).isEqualTo(forward);
    assertThat(point.value(forward)).isCloseTo(DoubleStream.of(values).sum(), within(1e-8));
  }

  @Test
  void whatReachesTheBoundDoesNotOverflow() {
    for (double bound : new double[] {1e-280, 0.1, 1, 3e9, 1e30}) {
      FixedPoint point = FixedPoint.upTo(bound);
      assertThat(point.value(point.of(bound))).isCloseTo(bound, within(bound * 1e-9));
      assertThat(point.value(point.of(bound) + point.of(bound / 2))).isPositive();
    }
  }

  @Test
  void nothingIsZero() {
    FixedPoint point = FixedPoint.upTo(0);

    assertThat(point.value(point.of(0))).isZero();
  }
}
