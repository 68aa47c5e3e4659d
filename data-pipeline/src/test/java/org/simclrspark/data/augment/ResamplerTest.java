package org.simclrspark.data.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.simclrspark.data.decode.Pixels;

class ResamplerTest {

  @Property(tries = 80)
  void agreesWithABicubicSumOverAllPixels(
      @ForAll @IntRange(min = 1, max = 40) int width,
      @ForAll @IntRange(min = 1, max = 40) int height,
      @ForAll @IntRange(min = 1, max = 20) int size,
      @ForAll boolean antialias,
      @ForAll boolean flip,
      @ForAll long seed) {
    Random random = new Random(seed);
    Pixels image = picture(width, height, random);
    CropBox crop = new CropBox();
    crop.left = random.nextInt(width);
    crop.top = random.nextInt(height);
    crop.width = 1 + random.nextInt(width - crop.left);
    crop.height = 1 + random.nextInt(height - crop.top);
    Planes out = new Planes(size);
    new Resampler(size, antialias).resample(image, 1, crop, flip, out);
    for (int channel = 0; channel < 3; channel++) {
      for (int y = 0; y < size; y++) {
        for (int x = 0; x < size; x++) {
          double expected = bicubic(image, crop, channel, x, y, size, antialias);
          int at = out.row(channel, y) + (flip ? size - 1 - x : x);
          assertThat((double) out.values[at]).isCloseTo(expected, within(1e-5));
        }
      }
    }
  }

  @Test
  void theWholeImageAtItsSizeIsUnchanged() {
    Pixels image = picture(32, 32, new Random(1));
    CropBox crop = new CropBox();
    crop.center(1, 32, 32);
    Planes out = new Planes(32);
    new Resampler(32, false).resample(image, 1, crop, false, out);
    for (int i = 0; i < 1024; i++) {
      for (int channel = 0; channel < 3; channel++) {
        assertThat(Math.round(out.values[channel * out.stride + i] * 255))
            .isEqualTo(value(image, channel, i));
      }
    }
  }

  @Test
  void doublingHasHandWorkedWeights() {
    // Between pixels 1 and 2 of 0, 0, 255, 255, a quarter of the way: kernel at distances 1.25,
    // 0.25, 0.75 and 1.75 is -0.0703, 0.8672, 0.2266, -0.0234.
    Pixels image = new Pixels();
    image.resize(4, 4);
    for (int i = 0; i < 16; i++) {
      int value = i % 4 < 2 ? 0 : 255;
      image.words()[i] = Pixels.word(value, value, value);
    }
    CropBox crop = new CropBox();
    crop.center(1, 4, 4);
    Planes out = new Planes(8);
    new Resampler(8, false).resample(image, 1, crop, false, out);
    assertThat(out.values[3]).isCloseTo(0.2266f - 0.0234f, within(1e-4f));
    assertThat(out.values[4]).isCloseTo(1 - 0.2266f + 0.0234f, within(1e-4f));
  }

  @Test
  void aReducedImageGivesTheSamePlaceOfASmoothPicture() {
    Pixels full = ramp(160, 128, 1);
    Pixels half = ramp(80, 64, 2);
    CropBox crop = new CropBox();
    crop.left = 31;
    crop.top = 17;
    crop.width = 101;
    crop.height = 83;
    Planes expected = new Planes(16);
    Planes found = new Planes(16);
    new Resampler(16, false).resample(full, 1, crop, true, expected);
    new Resampler(16, false).resample(half, 2, crop, true, found);
    for (int i = 0; i < found.values.length; i++) {
      assertThat(found.values[i]).isCloseTo(expected.values[i], within(1.1f / 255));
    }
  }

  /** Red rises along x and green along y, by one a pixel of the unreduced picture. */
  private static Pixels ramp(int width, int height, int reduction) {
    Pixels image = new Pixels();
    image.resize(width, height);
    for (int i = 0; i < width * height; i++) {
      double x = (i % width + 0.5) * reduction;
      double y = (i / width + 0.5) * reduction;
      image.words()[i] = Pixels.word((int) Math.round(x), (int) Math.round(y), 7);
    }
    return image;
  }

  private static Pixels picture(int width, int height, Random random) {
    Pixels image = new Pixels();
    image.resize(width, height);
    for (int i = 0; i < width * height; i++) {
      image.words()[i] = random.nextInt();
    }
    return image;
  }

  private static int value(Pixels image, int channel, int index) {
    return image.words()[index] >>> (24 - 8 * channel) & 0xFF;
  }

  private static double bicubic(
      Pixels image, CropBox crop, int channel, int x, int y, int size, boolean antialias) {
    double sum = 0;
    double total = 0;
    for (int v = 0; v < crop.height; v++) {
      for (int u = 0; u < crop.width; u++) {
        double weight =
            weight(u, x, crop.width, size, antialias) * weight(v, y, crop.height, size, antialias);
        total += weight;
        int index = (crop.top + v) * image.width() + crop.left + u;
        sum += weight * value(image, channel, index) / 255;
      }
    }
    return Math.min(1, Math.max(0, sum / total));
  }

  private static double weight(int from, int to, int length, int size, boolean antialias) {
    double scale = (double) length / size;
    double distance = Math.abs(from + 0.5 - (to + 0.5) * scale);
    double x = antialias && scale > 1 ? distance / scale : distance;
    if (x < 1) {
      return 1.5 * x * x * x - 2.5 * x * x + 1;
    }
    return x < 2 ? -0.5 * x * x * x + 2.5 * x * x - 4 * x + 2 : 0;
  }
}
