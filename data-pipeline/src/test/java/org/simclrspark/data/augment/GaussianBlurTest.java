package org.simclrspark.data.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.simclrspark.data.augment.AugmentSettings.Blur;
import org.simclrspark.data.augment.AugmentSettings.Edges;

class GaussianBlurTest {

  @Property(tries = 40)
  void agreesWithATwoDimensionalConvolution(
      @ForAll @IntRange(min = 7, max = 30) int size,
      @ForAll @IntRange(max = 6) int radius,
      @ForAll @DoubleRange(min = 0.1, max = 3) double sigma,
      @ForAll Edges edges,
      @ForAll int seed) {
    Planes planes = picture(size, seed);
    float[] pixels = planes.values.clone();
    blur(size, 2 * radius + 1, edges).blur(planes, sigma);
    double sum = 0;
    for (int dy = -radius; dy <= radius; dy++) {
      for (int dx = -radius; dx <= radius; dx++) {
        sum += weight(dx, dy, sigma);
      }
    }
    for (int at = 0; at < 3 * size * size; at++) {
      int channel = at / (size * size);
      int y = at / size % size;
      int x = at % size;
      double expected = 0;
      for (int dy = -radius; dy <= radius; dy++) {
        for (int dx = -radius; dx <= radius; dx++) {
          int row = reflect(y + dy, size);
          int column = reflect(x + dx, size);
          if (edges == Edges.REFLECT || (row == y + dy && column == x + dx)) {
            int from = planes.row(channel, row) + column;
            expected += weight(dx, dy, sigma) / sum * pixels[from];
          }
        }
      }
      assertThat((double) planes.values[planes.row(channel, y) + x])
          .isCloseTo(expected, within(1e-4));
    }
  }

  @Test
  void spreadsAPointByHandWorkedWeights() {
    Planes planes = new Planes(5);
    planes.values[planes.row(1, 2) + 2] = 1;
    blur(5, 3, Edges.ZERO).blur(planes, 1);
    // exp(-1/2) = 0.6065; 1 / (1 + 2 * 0.6065) = 0.4519; 0.6065 * 0.4519 = 0.2741.
    assertThat(planes.values[planes.row(1, 2) + 2]).isCloseTo(0.4519f * 0.4519f, within(1e-4f));
    assertThat(planes.values[planes.row(1, 2) + 1]).isCloseTo(0.4519f * 0.2741f, within(1e-4f));
    assertThat(planes.values[planes.row(1, 1) + 1]).isCloseTo(0.2741f * 0.2741f, within(1e-4f));
    assertThat(planes.values[planes.row(1, 2)]).isZero();
    assertThat(planes.values[planes.row(0, 2) + 2]).isZero();
  }

  @Test
  void keepsAConstantPictureToItsReflectedEdges() {
    Planes planes = new Planes(32);
    Arrays.fill(planes.values, 0.6f);
    blur(32, 23, Edges.REFLECT).blur(planes, 2);
    for (float value : planes.values) {
      assertThat(value).isCloseTo(0.6f, within(1e-6f));
    }
  }

  private static GaussianBlur blur(int size, int kernel, Edges edges) {
    return new GaussianBlur(size, new Blur(1, 0.1, 2, kernel, edges));
  }

  private static double weight(int dx, int dy, double sigma) {
    return Math.exp(-(dx * dx + dy * dy) / (2 * sigma * sigma));
  }

  private static int reflect(int index, int size) {
    if (index < 0) {
      return -index;
    }
    return index < size ? index : 2 * size - 2 - index;
  }

  private static Planes picture(int size, int seed) {
    Random random = new Random(seed);
    Planes planes = new Planes(size);
    for (int i = 0; i < planes.values.length; i++) {
      planes.values[i] = random.nextFloat();
    }
    return planes;
  }
}
