package org.simclrspark.worker.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NormStatisticsTest {

  private static final int[] CHANNELS = {2, 3};
  private static final int[] GROUPS = {4, 1, 0, 7, 3};

  @Test
  void groupsPoolToTheMeanAndVarianceOfAllTheirViews() {
    Random random = new Random(1);
    NormStatistics.Pool pool = new NormStatistics.Pool(CHANNELS);
    int views = Arrays.stream(GROUPS).sum();
    double[][] all = new double[5][views];
    int from = 0;
    for (int group = 0; group < GROUPS.length; group++) {
      for (int channel = 0; channel < 5; channel++) {
        for (int view = from; view < from + GROUPS[group]; view++) {
          all[channel][view] = 10 * channel + group + random.nextGaussian();
        }
      }
      pool.add(statistics(all, from, from + GROUPS[group]), GROUPS[group]);
      from += GROUPS[group];
    }

    float[] expected = statistics(all, 0, views);
    float[] found = pool.values();
    assertThat(found).hasSize(NormStatistics.size(CHANNELS));
    for (int i = 0; i < found.length; i++) {
      assertThat(found[i]).isCloseTo(expected[i], within(1e-5f * Math.abs(expected[i])));
    }
  }

  /** What the mean of squares less the square of the mean would lose in single precision. */
  @Test
  void aSmallVarianceAboutALargeMeanIsKept() {
    NormStatistics.Pool pool = new NormStatistics.Pool(new int[] {1});
    pool.add(new float[] {1000, 1e-4f}, 3);
    pool.add(new float[] {1000.5f, 3e-4f}, 1);

    // Means 1000, 1000, 1000, 1000.5: variance 0.25 * 3 / 16; mean of variances 1.5e-4.
    assertThat(pool.values()[0]).isEqualTo(1000.125f);
    assertThat((double) pool.values()[1]).isCloseTo(0.25 * 3 / 16 + 1.5e-4, within(1e-8));
  }

  @Test
  void noViewsAreZeros() {
    assertThat(new NormStatistics.Pool(CHANNELS).values()).containsOnly(0f).hasSize(10);
  }

  /** Two passes in double precision. */
  private static float[] statistics(double[][] values, int from, int to) {
    float[] statistics = new float[10];
    for (int channel = 0; channel < 5; channel++) {
      double[] part = Arrays.copyOfRange(values[channel], from, to);
      double mean = Arrays.stream(part).average().orElse(0);
      int at = channel < 2 ? channel : channel + 2;
      statistics[at] = (float) mean;
      statistics[at + (channel < 2 ? 2 : 3)] =
          (float) Arrays.stream(part).map(value -> Math.pow(value - mean, 2)).average().orElse(0);
    }
    return statistics;
  }
}
