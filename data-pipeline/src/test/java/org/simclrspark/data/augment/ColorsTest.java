package org.simclrspark.data.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ColorsTest {

  @Test
  void brightnessMultipliesAndClips() {
    assertThat(brightness(1.5f, 0.2f, 0.4f, 0.8f))
        .containsExactly(new float[] {0.3f, 0.6f, 1f}, within(1e-6f));
    assertThat(brightness(0f, 0.2f, 0.4f, 0.8f)).containsExactly(0f, 0f, 0f);
  }

  @Test
  void contrastMovesAwayFromTheMean() {
    float[] pixels = {0.2f, 0.4f, 0.9f, 0.5f, 0.5f, 0.5f, 0f, 1f, 0.2f};
    Colors.contrast(pixels, 3, 0, 0, 3, 0.5f, 0.5f);
    Colors.contrast(pixels, 3, 2, 0, 3, 2f, 0.4f);
    // Channel 0: 0.5 + (x - 0.5) / 2; channel 1 untouched; channel 2: 0.4 + 2 (x - 0.4), clipped.
    assertThat(pixels)
        .containsExactly(
            new float[] {0.35f, 0.45f, 0.7f, 0.5f, 0.5f, 0.5f, 0f, 1f, 0f}, within(1e-6f));
  }

  @Test
  void meanIsOfOneChannel() {
    float[] pixels = {0.1f, 0.3f, 1f, 0f, 0.25f, 0.75f};
    assertThat(Colors.mean(pixels, 2, 0)).isCloseTo(0.2, within(1e-4));
    assertThat(Colors.mean(pixels, 2, 1)).isCloseTo(0.5, within(1e-4));
    assertThat(Colors.mean(pixels, 2, 2)).isCloseTo(0.5, within(1e-4));
  }

  @Test
  void grayWeighsTheChannels() {
    float[] pixels = {1f, 0f, 0f, 0f, 1f, 0f, 0f, 0f, 1f};
    Colors.gray(pixels, 3, 0, 3);
    float[] row = {0.2989f, 0.5870f, 0.1140f};
    for (int i = 0; i < 9; i++) {
      assertThat(pixels[i]).isEqualTo(row[i % 3]);
    }
  }

  @Test
  void hueOfAThirdOfATurnRotatesThePrimaries() {
    assertThat(hue(1 / 3f, 1, 0, 0)).containsExactly(new float[] {0, 1, 0}, within(1e-6f));
    assertThat(hue(1 / 3f, 0, 1, 0)).containsExactly(new float[] {0, 0, 1}, within(1e-6f));
    assertThat(hue(-1 / 3f, 0.75f, 0.25f, 0.25f))
        .containsExactly(new float[] {0.25f, 0.25f, 0.75f}, within(1e-6f));
    // Half a turn of orange (30 degrees) is azure (210 degrees).
    assertThat(hue(0.5f, 1, 0.5f, 0)).containsExactly(new float[] {0, 0.5f, 1}, within(1e-6f));
  }

  @Test
  void hueLeavesGrayAlone() {
    for (float gray : new float[] {0, 0.3f, 1}) {
      assertThat(hue(0.17f, gray, gray, gray)).containsExactly(gray, gray, gray);
    }
  }

  @Test
  void saturationZeroGivesTheValue() {
    assertThat(saturation(0, 0.2f, 0.6f, 0.4f))
        .containsExactly(new float[] {0.6f, 0.6f, 0.6f}, within(1e-6f));
  }

  @Test
  void saturationStopsAtOne() {
    // S = 0.5; doubled it is 1, and more changes nothing.
    float[] full = {0f, 0.8f, 0.4f};
    assertThat(saturation(2, 0.4f, 0.8f, 0.6f)).containsExactly(full, within(1e-6f));
    assertThat(saturation(9, 0.4f, 0.8f, 0.6f)).containsExactly(full, within(1e-6f));
    assertThat(saturation(1.8f, 0, 0, 0)).containsExactly(0f, 0f, 0f);
  }

  @Test
  void saturationAgainstGrayBlends() {
    float[] pixels = {0.9f, 0.1f, 0.5f};
    Colors.saturationGray(pixels, 1, 0, 1, 0.5f);
    float gray = 0.2989f * 0.9f + 0.5870f * 0.1f + 0.1140f * 0.5f;
    assertThat(pixels)
        .containsExactly(
            new float[] {(0.9f + gray) / 2, (0.1f + gray) / 2, (0.5f + gray) / 2}, within(1e-6f));
  }

  @Property(tries = 500)
  void saturationAgreesWithHsv(
      @ForAll @FloatRange(min = 0, max = 1) float r,
      @ForAll @FloatRange(min = 0, max = 1) float g,
      @ForAll @FloatRange(min = 0, max = 1) float b,
      @ForAll @FloatRange(min = 0, max = 2) float factor) {
    double[] hsv = Hsv.fromRgb(r, g, b);
    double[] expected = Hsv.toRgb(hsv[0], Math.min(1, hsv[1] * factor), hsv[2]);
    assertClose(saturation(factor, r, g, b), expected);
  }

  @Property(tries = 500)
  void hueAgreesWithHsv(
      @ForAll @FloatRange(min = 0, max = 1) float r,
      @ForAll @FloatRange(min = 0, max = 1) float g,
      @ForAll @FloatRange(min = 0, max = 1) float b,
      @ForAll @FloatRange(min = -0.5f, max = 0.5f) float turns) {
    double[] hsv = Hsv.fromRgb(r, g, b);
    double[] expected = Hsv.toRgb(hsv[0] + turns, hsv[1], hsv[2]);
    assertClose(hue(turns, r, g, b), expected);
  }

  @Property(tries = 100)
  void aRunOfPixelsLeavesTheOthersAlone(
      @ForAll @IntRange(max = 37) int from, @ForAll @IntRange(max = 37) int length) {
    int plane = 40;
    int to = Math.min(plane, from + length);
    float[] one = new float[3 * plane];
    for (int i = 0; i < one.length; i++) {
      one[i] = (i * 37 % 101) / 101f;
    }
    float[] all = one.clone();
    float[] before = one.clone();
    Colors.brightness(one, plane, from, to, 1.1f);
    Colors.saturationHsv(one, plane, from, to, 0.7f);
    Colors.hue(one, plane, from, to, 0.1f);
    Colors.brightness(all, plane, 0, plane, 1.1f);
    Colors.saturationHsv(all, plane, 0, plane, 0.7f);
    Colors.hue(all, plane, 0, plane, 0.1f);
    for (int i = 0; i < one.length; i++) {
      boolean inside = i % plane >= from && i % plane < to;
      assertThat(one[i]).isEqualTo(inside ? all[i] : before[i]);
    }
  }

  private static void assertClose(float[] found, double[] expected) {
    for (int i = 0; i < 3; i++) {
      assertThat((double) found[i]).isCloseTo(expected[i], within(3e-6));
    }
  }

  private static float[] brightness(float factor, float... rgb) {
    Colors.brightness(rgb, 1, 0, 1, factor);
    return rgb;
  }

  private static float[] saturation(float factor, float... rgb) {
    Colors.saturationHsv(rgb, 1, 0, 1, factor);
    return rgb;
  }

  private static float[] hue(float turns, float... rgb) {
    Colors.hue(rgb, 1, 0, 1, turns);
    return rgb;
  }
}
