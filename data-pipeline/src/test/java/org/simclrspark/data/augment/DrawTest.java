package org.simclrspark.data.augment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/**
 * Distributions over 10,000 draws; limits are four standard deviations or more. Those of crops are
 * in {@link GoldenDrawsTest}.
 */
class DrawTest {
  private static final int DRAWS = 10_000;

  /** Least distance between an empirical and its true distribution that has p = 0.0001. */
  private static final double KOLMOGOROV = 2.23 / Math.sqrt(DRAWS);

  private static final AugmentSettings SIMCLR = AugmentSettings.simclr(224);
  private static final AugmentSettings TORCHVISION = AugmentSettings.torchvision(224);

  @Test
  void probabilitiesAreAsStated() {
    assertShare(draw -> draw.flip ? 1 : 0, 0.5);
    assertShare(draw -> draw.jitter ? 1 : 0, 0.8);
    assertShare(draw -> draw.gray ? 1 : 0, 0.2);
    assertShare(draw -> draw.blur ? 1 : 0, 0.5);
  }

  @Test
  void rangesAreUniform() {
    assertUniform(sorted(SIMCLR, draw -> draw.brightness), 0.2, 1.8);
    assertUniform(sorted(SIMCLR, draw -> draw.contrast), 0.2, 1.8);
    assertUniform(sorted(SIMCLR, draw -> draw.saturation), 0.2, 1.8);
    assertUniform(sorted(SIMCLR, draw -> draw.hue), -0.2, 0.2);
    assertUniform(sorted(SIMCLR, draw -> draw.sigma), 0.1, 2);
    assertUniform(sorted(AugmentSettings.cifar(), draw -> draw.brightness), 0.6, 1.4);
    assertUniform(sorted(AugmentSettings.cifar(), draw -> draw.hue), -0.1, 0.1);
  }

  @Test
  void ordersAreEquallyLikelyPermutations() {
    int[] counts = new int[Draw.ORDERS];
    for (double order : draws(SIMCLR, draw -> draw.order)) {
      counts[(int) order]++;
    }
    Set<String> orders = new HashSet<>();
    for (int order = 0; order < Draw.ORDERS; order++) {
      StringBuilder operations = new StringBuilder();
      for (int place = 0; place < 4; place++) {
        operations.append(Draw.operation(order, place));
      }
      assertThat(operations.chars().sorted().toArray()).containsExactly('0', '1', '2', '3');
      orders.add(operations.toString());
      // Binomial with mean 416.7 and standard deviation 20.
      assertThat(counts[order]).isBetween(330, 500);
    }
    assertThat(orders).hasSize(24);
  }

  @Test
  void choicesAreIndependentOfEachOtherAndOfTheOtherView() {
    double[] brightness = draws(SIMCLR, draw -> draw.brightness);
    double[] contrast = draws(SIMCLR, draw -> draw.contrast);
    double[] left = draws(SIMCLR, draw -> draw.crop.left);
    double[] other = new double[DRAWS];
    double[] nextEpoch = new double[DRAWS];
    Draw draw = new Draw();
    for (int id = 0; id < DRAWS; id++) {
      draw.draw(SIMCLR, 1000, 1000, 1, 0, id, 1);
      other[id] = draw.brightness;
      draw.draw(SIMCLR, 1000, 1000, 1, 1, id, 0);
      nextEpoch[id] = draw.brightness;
    }
    for (double[] unrelated : new double[][] {contrast, left, other, nextEpoch}) {
      assertThat(correlation(brightness, unrelated)).isBetween(-0.04, 0.04);
    }
  }

  @Property(tries = 1000)
  void aCropLiesWithinTheImageAndItsRanges(
      @ForAll @IntRange(min = 1, max = 700) int width,
      @ForAll @IntRange(min = 1, max = 700) int height,
      @ForAll long id,
      @ForAll boolean torchvision) {
    Draw draw = new Draw();
    draw.draw(torchvision ? TORCHVISION : SIMCLR, width, height, 1, 0, id, 0);
    CropBox crop = draw.crop;
    assertThat(crop.left).isBetween(0, width - crop.width);
    assertThat(crop.top).isBetween(0, height - crop.height);
    assertThat(crop.width).isBetween(1, width);
    assertThat(crop.height).isBetween(1, height);
    // Sides are whole pixels; TensorFlow takes a picture whole where no crop is allowed.
    if (!torchvision && crop.width == width && crop.height == height) {
      return;
    }
    assertThat((crop.width + 1.0) / Math.max(0.5, crop.height - 1.0)).isGreaterThan(0.75);
    assertThat((crop.width - 1.0) / (crop.height + 1.0)).isLessThan(4.0 / 3);
  }

  @Test
  void anImageTooLongForAnyCropIsTakenWholeOrClampedToTheAspect() {
    Draw draw = new Draw();
    draw.draw(SIMCLR, 20_000, 30, 1, 0, 5, 0);
    assertThat(draw.crop).extracting("width", "height").containsExactly(20_000, 30);
    assertThat(draw.crop).extracting("left", "top").containsExactly(0, 0);
    draw.draw(TORCHVISION, 20_000, 30, 1, 0, 5, 0);
    assertThat(draw.crop).extracting("width", "height").containsExactly(40, 30);
    assertThat(draw.crop).extracting("left", "top").containsExactly(9980, 0);
  }

  private static void assertShare(ToDoubleFunction<Draw> happened, double probability) {
    double share = Arrays.stream(draws(SIMCLR, happened)).sum() / DRAWS;
    double deviation = Math.sqrt(probability * (1 - probability) / DRAWS);
    assertThat(share).isBetween(probability - 4 * deviation, probability + 4 * deviation);
  }

  private static void assertUniform(double[] sorted, double low, double high) {
    double limit = KOLMOGOROV * Math.sqrt((double) DRAWS / sorted.length) + 0.003;
    for (int i = 0; i < sorted.length; i++) {
      double expected = (sorted[i] - low) / (high - low);
      assertThat(Math.abs((i + 0.5) / sorted.length - expected)).isLessThan(limit);
    }
  }

  private static double[] sorted(AugmentSettings settings, ToDoubleFunction<Draw> choice) {
    double[] values = draws(settings, choice);
    Arrays.sort(values);
    return values;
  }

  private static double[] draws(AugmentSettings settings, ToDoubleFunction<Draw> choice) {
    double[] values = new double[DRAWS];
    Draw draw = new Draw();
    for (int id = 0; id < DRAWS; id++) {
      draw.draw(settings, 1000, 1000, 1, 0, id, 0);
      values[id] = choice.applyAsDouble(draw);
    }
    return values;
  }

  private static double correlation(double[] a, double[] b) {
    double meanA = Arrays.stream(a).average().orElseThrow();
    double meanB = Arrays.stream(b).average().orElseThrow();
    double product = 0;
    double squareA = 0;
    double squareB = 0;
    for (int i = 0; i < a.length; i++) {
      product += (a[i] - meanA) * (b[i] - meanB);
      squareA += (a[i] - meanA) * (a[i] - meanA);
      squareB += (b[i] - meanB) * (b[i] - meanB);
    }
    return product / Math.sqrt(squareA * squareB);
  }
}
