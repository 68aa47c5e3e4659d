package org.simclrspark.data.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.simclrspark.data.augment.AugmentSettings.Resampling;
import org.simclrspark.data.decode.Pixels;

class ResamplerTest {

  @Property(tries = 80)
  void agreesWithASumOverAllPixels(
      @ForAll @IntRange(min = 1, max = 40) int width,
      @ForAll @IntRange(min = 1, max = 40) int height,
      @ForAll @IntRange(min = 1, max = 20) int size,
      @ForAll Resampling resampling,
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
    new Resampler(size, resampling).resample(image, crop, flip, out);
    for (int channel = 0; channel < 3; channel++) {
      for (int y = 0; y < size; y++) {
        for (int x = 0; x < size; x++) {
          double expected = sum(image, crop, channel, x, y, size, resampling);
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
    new Resampler(32, Resampling.BICUBIC).resample(image, crop, false, out);
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
    new Resampler(8, Resampling.BICUBIC).resample(image, crop, false, out);
    assertThat(out.values[3]).isCloseTo(0.2266f - 0.0234f, within(1e-4f));
    assertThat(out.values[4]).isCloseTo(1 - 0.2266f + 0.0234f, within(1e-4f));
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

  private static double sum(
      Pixels image, CropBox crop, int channel, int x, int y, int size, Resampling resampling) {
    double sum = 0;
    double total = 0;
    for (int v = 0; v < crop.height; v++) {
      for (int u = 0; u < crop.width; u++) {
        double weight =
            weight(u, x, crop.width, size, resampling)
                * weight(v, y, crop.height, size, resampling);
        total += weight;
        int index = (crop.top + v) * image.width() + crop.left + u;
        sum += weight * value(image, channel, index) / 255;
      }
    }
    return sum / total;
  }

  private static double weight(int from, int to, int length, int size, Resampling resampling) {
    double scale = (double) length / size;
    double distance = Math.abs(from + 0.5 - (to + 0.5) * scale);
    if (resampling == Resampling.BILINEAR_ANTIALIASED) {
      return Math.max(0, 1 - distance / Math.max(1, scale));
    }
    double x = distance;
    if (x < 1) {
      return 1.5 * x * x * x - 2.5 * x * x + 1;
    }
    return x < 2 ? -0.5 * x * x * x + 2.5 * x * x - 4 * x + 2 : 0;
  }
}
