package org.simclrspark.driver.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LbfgsTest {

  @Test
  void findsTheBottomOfRosenbrocksValley() {
    AtomicInteger evaluations = new AtomicInteger();

    Lbfgs.Point found =
        new Lbfgs(
                200,
                x -> {
                  evaluations.incrementAndGet();
                  double a = x[1] - x[0] * x[0];
                  double b = 1 - x[0];
                  return new Lbfgs.Point(
                      x, 100 * a * a + b * b, new double[] {-400 * a * x[0] - 2 * b, 200 * a});
                })
            .minimise(new double[] {-1.2, 1});

    assertThat(found.at()[0]).isCloseTo(1, within(1e-3));
    assertThat(found.at()[1]).isCloseTo(1, within(1e-3));
    // Nocedal and Wright's takes about 35 iterations; going down the gradient takes thousands.
    assertThat(evaluations.get()).isLessThan(100);
  }

  /** Curvatures from 1 to 1e4 in 50 directions. */
  @Test
  void remembersCurvature() {
    int size = 50;
    double start = 1 + IntStream.range(0, size).mapToDouble(i -> curvature(i, size) / 2).sum();
    Lbfgs.Point found =
        new Lbfgs(
                300,
                x -> {
                  double value = 1;
                  double[] gradient = new double[size];
                  for (int i = 0; i < size; i++) {
                    double curvature = curvature(i, size);
                    value += curvature / 2 * (x[i] - 1) * (x[i] - 1);
                    gradient[i] = curvature * (x[i] - 1);
                  }
                  return new Lbfgs.Point(x, value, gradient);
                })
            .minimise(new double[size]);

    // Going on would gain less than a millionth of the start in 10 iterations.
    assertThat(found.value()).isCloseTo(1, within(1e-5 * start));
  }

  private static double curvature(int direction, int size) {
    return Math.pow(10, 4.0 * direction / (size - 1));
  }

  /** x - log(x), which has no value at the left of 0: steps that go there are halved. */
  @Test
  void turnsBackWhereTheFunctionIsInfinite() {
    Lbfgs.Point found =
        new Lbfgs(
                50,
                x ->
                    x[0] <= 0
                        ? new Lbfgs.Point(x, Double.POSITIVE_INFINITY, new double[] {Double.NaN})
                        : new Lbfgs.Point(x, x[0] - Math.log(x[0]), new double[] {1 - 1 / x[0]}))
            .minimise(new double[] {1000});

    assertThat(found.at()[0]).isCloseTo(1, within(1e-2));
  }

  @Test
  void staysWhereItIsFlat() {
    Lbfgs.Point found =
        new Lbfgs(50, x -> new Lbfgs.Point(x, 3, new double[] {0})).minimise(new double[] {2});

    assertThat(found.at()).containsExactly(2);
  }
}
