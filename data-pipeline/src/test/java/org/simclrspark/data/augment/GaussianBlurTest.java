package org.simclrspark.data.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class GaussianBlurTest {

  @Property(tries = 60)
  void agreesWithATwoDimensionalConvolution(
      @ForAll @IntRange(min = 7, max = 30) int size,
      @ForAll @IntRange(max = 6) int radius,
      @ForAll @DoubleRange(min = 0.1, max = 3) double sigma,
      @ForAll int seed) {
    float[] pixels = picture(2 * size * size, seed);
    float[] blurred = pixels.clone();
    new GaussianBlur(size, 2 * radius + 1).blur(blurred, size * size, sigma);
    double sum = 0;
    for (int dy = -radius; dy <= radius; dy++) {
      for (int dx = -radius; dx <= radius; dx++) {
        sum += weight(dx, dy, sigma);
      }
    }
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        double expected = 0;
        for (int dy = -radius; dy <= radius; dy++) {
          for (int dx = -radius; dx <= radius; dx++) {
            int at = size * size + reflect(y + dy, size) * size + reflect(x + dx, size);
            expected += weight(dx, dy, sigma) / sum * pixels[at];
          }
        }
        assertThat((double) blurred[size * size + y * size + x]).isCloseTo(expected, within(1e-4));
        assertThat(blurred[y * size + x]).isEqualTo(pixels[y * size + x]);
      }
    }
  }

  @Test
  void spreadsAPointByHandWorkedWeights() {
    float[] pixels = new float[25];
    pixels[12] = 1;
    new GaussianBlur(5, 3).blur(pixels, 0, 1);
    // exp(-1/2) = 0.6065; 1 / (1 + 2 * 0.6065) = 0.4519; 0.6065 * 0.4519 = 0.2741.
    assertThat(pixels[12]).isCloseTo(0.4519f * 0.4519f, within(1e-4f));
    assertThat(pixels[11]).isCloseTo(0.4519f * 0.2741f, within(1e-4f));
    assertThat(pixels[6]).isCloseTo(0.2741f * 0.2741f, within(1e-4f));
    assertThat(pixels[10]).isZero();
  }

  @Test
  void keepsAConstantPictureToItsEdges() {
    float[] pixels = new float[32 * 32];
    java.util.Arrays.fill(pixels, 0.6f);
    new GaussianBlur(32, 23).blur(pixels, 0, 2);
    for (float value : pixels) {
      assertThat(value).isCloseTo(0.6f, within(1e-6f));
    }
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

  private static float[] picture(int length, int seed) {
    java.util.Random random = new java.util.Random(seed);
    float[] pixels = new float[length];
    for (int i = 0; i < length; i++) {
      pixels[i] = random.nextFloat();
    }
    return pixels;
  }
}
