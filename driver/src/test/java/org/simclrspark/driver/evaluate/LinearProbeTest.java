package org.simclrspark.driver.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.ludovic.netlib.blas.NativeBLAS;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.simclrspark.driver.LocalSpark;
import org.simclrspark.driver.config.EvaluateConfig.Linear;
import org.simclrspark.worker.machine.Natives;

class LinearProbeTest {

  private static final int CLASSES = 3;
  private static final int SIZE = 4;

  @Test
  void comesCloseToTheBestLinearClassifierOfGaussians() {
    Features train = gaussians(1, 3000, 1);
    Features test = gaussians(2, 3000, 1);

    double accuracy = probe(new Linear(true, 100, 0)).accuracy(train.rows(1000), test.rows(700));

    // With equal spherical covariances the best decision is the nearest mean, which is linear.
    assertThat(accuracy).isCloseTo(nearestMean(test), within(0.01));
  }

  @Test
  void doesNotDependOnTheScaleOfAFeature() {
    double plain =
        probe(new Linear(true, 100, 0.1))
            .accuracy(gaussians(1, 500, 1).rows(200), gaussians(2, 500, 1).rows(200));
    double scaled =
        probe(new Linear(true, 100, 0.1))
            .accuracy(gaussians(1, 500, 1000).rows(200), gaussians(2, 500, 1000).rows(200));

    assertThat(scaled).isCloseTo(plain, within(0.003));
  }

  @Test
  void predictsTheCommonestClassWhenL2LeavesOnlyTheIntercept() {
    Features train = merged(gaussians(1, 300, 1), 1);
    Features test = merged(gaussians(2, 300, 1), 1);
    long ofClassOne = IntStream.of(test.labels()).filter(label -> label == 1).count();

    assertThat(probe(new Linear(true, 100, 10)).accuracy(train.rows(1000), test.rows(700)))
        .isEqualTo(ofClassOne / 300.0);
  }

  @Test
  void findsItsNativeBlas() {
    Natives.prepareBlas(1);

    // Throws where there is none.
    assertThat(NativeBLAS.getInstance().dasum(2, new double[] {-3, 4}, 1)).isEqualTo(7);
  }

  private static LinearProbe probe(Linear settings) {
    return new LinearProbe(LocalSpark.context(), settings, 1);
  }

  /** Puts class 2 into another one, which then has two thirds of the rows. */
  private static Features merged(Features features, int into) {
    int[] labels = IntStream.of(features.labels()).map(label -> Math.min(label, into)).toArray();
    return new Features(features.ids(), labels, features.values(), features.size());
  }

  private static double mean(int label, int feature) {
    return label == feature ? 1.5 : 0;
  }

  private static Features gaussians(long seed, int count, float firstScale) {
    Random random = new Random(seed);
    int[] labels = random.ints(count, 0, CLASSES).toArray();
    float[] values = new float[count * SIZE];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() + mean(labels[i / SIZE], i % SIZE));
      values[i] *= i % SIZE == 0 ? firstScale : 1;
    }
    return new Features(
        IntStream.range(0, count).mapToLong(i -> i).toArray(), labels, values, SIZE);
  }

  private static double nearestMean(Features features) {
    int right = 0;
    for (int row = 0; row < features.count(); row++) {
      int best = 0;
      double least = Double.POSITIVE_INFINITY;
      for (int c = 0; c < CLASSES; c++) {
        double distance = 0;
        for (int j = 0; j < SIZE; j++) {
          distance += Math.pow(features.values()[row * SIZE + j] - mean(c, j), 2);
        }
        if (distance < least) {
          least = distance;
          best = c;
        }
      }
      right += best == features.labels()[row] ? 1 : 0;
    }
    return (double) right / features.count();
  }
}
