package org.simclrspark.data.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
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
    Planes planes = new Planes(2);
    fill(planes, 0, 0.2f, 0.4f, 0.9f);
    fill(planes, 1, 0.5f, 0.5f, 0.5f);
    fill(planes, 2, 0f, 1f, 0.2f);
    Colors.contrast(planes, 0, 0, 64, 0.5f, 0.5f);
    Colors.contrast(planes, 2, 0, 64, 2f, 0.4f);
    // Channel 0: 0.5 + (x - 0.5) / 2; channel 1 untouched; channel 2: 0.4 + 2 (x - 0.4), clipped.
    assertThat(values(planes, 0, 3))
        .containsExactly(new float[] {0.35f, 0.45f, 0.7f}, within(1e-6f));
    assertThat(values(planes, 1, 3)).containsExactly(0.5f, 0.5f, 0.5f);
    assertThat(values(planes, 2, 3)).containsExactly(new float[] {0f, 1f, 0f}, within(1e-6f));
  }

  @Test
  void meanIsOfOneChannel() {
    Planes planes = new Planes(2);
    fill(planes, 0, 0.1f, 0.3f, 1f, 1f);
    fill(planes, 1, 0f, 0.25f, 0.75f, 0f);
    assertThat(mean(planes, 0)).isCloseTo(0.6f, within(1e-5f));
    assertThat(mean(planes, 1)).isEqualTo(0.25f);
    assertThat(mean(planes, 2)).isZero();
  }

  @Test
  void grayWeighsTheChannels() {
    Planes planes = new Planes(2);
    fill(planes, 0, 1, 0, 0);
    fill(planes, 1, 0, 1, 0);
    fill(planes, 2, 0, 0, 1);
    Colors.gray(planes, 0, 64);
    for (int channel = 0; channel < 3; channel++) {
      assertThat(values(planes, channel, 3)).containsExactly(0.2989f, 0.5870f, 0.1140f);
    }
  }

  @Test
  void bytesAreRoundedAndClipped() {
    Planes planes = new Planes(5);
    for (int channel = 0; channel < 3; channel++) {
      for (int i = 0; i < 25; i++) {
        planes.values[channel * planes.stride + i] = (i * 17 - 3 + channel * 0.4f) / 255;
      }
    }
    byte[] out = new byte[80];
    Colors.quantise(planes, out, 4);
    for (int i = 0; i < 75; i++) {
      int expected = Math.max(0, Math.min(255, i % 25 * 17 - 3 + (i < 50 ? 0 : 1)));
      assertThat(out[4 + i] & 0xFF).isEqualTo(expected);
    }
    assertThat(out[3]).isZero();
    assertThat(out[79]).isZero();
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
    Planes planes = pixel(0.9f, 0.1f, 0.5f);
    Colors.saturationGray(planes, 0, 64, 0.5f);
    float gray = 0.2989f * 0.9f + 0.5870f * 0.1f + 0.1140f * 0.5f;
    assertThat(pixel(planes))
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

  @Test
  void aRunOfPixelsLeavesTheOthersAlone() {
    Planes one = new Planes(20);
    Planes all = new Planes(20);
    for (int i = 0; i < one.values.length; i++) {
      one.values[i] = (i * 37 % 101) / 101f;
      all.values[i] = one.values[i];
    }
    float[] before = one.values.clone();
    change(one, 128, 256);
    change(all, 0, all.stride);
    for (int i = 0; i < before.length; i++) {
      boolean inside = i % one.stride >= 128 && i % one.stride < 256;
      assertThat(one.values[i]).isEqualTo(inside ? all.values[i] : before[i]);
      assertThat(all.values[i]).isBetween(0f, 1f);
    }
  }

  private static void change(Planes planes, int from, int to) {
    Colors.brightness(planes, from, to, 1.1f);
    Colors.saturationHsv(planes, from, to, 0.7f);
    Colors.hue(planes, from, to, 0.1f);
    Colors.contrast(planes, 0, from, to, 0.9f, 0.4f);
    Colors.saturationGray(planes, from, to, 1.3f);
  }

  private static void assertClose(float[] found, double[] expected) {
    for (int i = 0; i < 3; i++) {
      assertThat((double) found[i]).isCloseTo(expected[i], within(3e-6));
    }
  }

  private static float[] brightness(float factor, float r, float g, float b) {
    Planes planes = pixel(r, g, b);
    Colors.brightness(planes, 0, 64, factor);
    return pixel(planes);
  }

  private static float[] saturation(float factor, float r, float g, float b) {
    Planes planes = pixel(r, g, b);
    Colors.saturationHsv(planes, 0, 64, factor);
    return pixel(planes);
  }

  private static float[] hue(float turns, float r, float g, float b) {
    Planes planes = pixel(r, g, b);
    Colors.hue(planes, 0, 64, turns);
    return pixel(planes);
  }

  private static float mean(Planes planes, int channel) {
    return Colors.mean(Colors.fixedPointSum(planes, channel, 0, planes.stride), 4);
  }

  private static Planes pixel(float r, float g, float b) {
    Planes planes = new Planes(1);
    fill(planes, 0, r);
    fill(planes, 1, g);
    fill(planes, 2, b);
    return planes;
  }

  private static float[] pixel(Planes planes) {
    return new float[] {
      planes.values[0], planes.values[planes.stride], planes.values[2 * planes.stride]
    };
  }

  private static void fill(Planes planes, int channel, float... values) {
    System.arraycopy(values, 0, planes.values, channel * planes.stride, values.length);
  }

  private static float[] values(Planes planes, int channel, int count) {
    int from = channel * planes.stride;
    return Arrays.copyOfRange(planes.values, from, from + count);
  }
}
