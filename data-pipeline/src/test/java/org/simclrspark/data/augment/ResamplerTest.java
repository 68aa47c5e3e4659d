package org.simclrspark.data.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ResamplerTest {

  @Property(tries = 80)
  void agreesWithABicubicSumOverAllPixels(
      @ForAll @IntRange(min = 1, max = 40) int width,
      @ForAll @IntRange(min = 1, max = 40) int height,
      @ForAll @IntRange(min = 1, max = 20) int size,
      @ForAll boolean antialias,
      @ForAll boolean flip,
      @ForAll boolean interleaved,
      @ForAll long seed) {
    Random random = new Random(seed);
    Pixels image = picture(width, height, interleaved, random);
    CropBox crop = new CropBox();
    crop.left = random.nextInt(width);
    crop.top = random.nextInt(height);
    crop.width = 1 + random.nextInt(width - crop.left);
    crop.height = 1 + random.nextInt(height - crop.top);
    float[] out = new float[3 * size * size];
    new Resampler(size, antialias).resample(image, crop, flip, out);
    for (int channel = 0; channel < 3; channel++) {
      for (int y = 0; y < size; y++) {
        for (int x = 0; x < size; x++) {
          double expected = bicubic(image, crop, channel, x, y, size, antialias);
          int at = (channel * size + y) * size + (flip ? size - 1 - x : x);
          assertThat((double) out[at]).isCloseTo(expected, within(1e-5));
        }
      }
    }
  }

  @Test
  void theWholeImageAtItsSizeIsUnchanged() {
    Pixels image = picture(32, 32, false, new Random(1));
    CropBox crop = new CropBox();
    crop.center(1, 32, 32);
    float[] out = new float[3 * 32 * 32];
    new Resampler(32, false).resample(image, crop, false, out);
    for (int i = 0; i < out.length; i++) {
      assertThat(Math.round(out[i] * 255)).isEqualTo(image.bytes[i] & 0xFF);
    }
  }

  @Test
  void doublingHasHandWorkedWeights() {
    // Between pixels 1 and 2 of 0, 0, 255, 255, a quarter of the way: kernel at distances 1.25,
    // 0.25, 0.75 and 1.75 is -0.0703, 0.8672, 0.2266, -0.0234.
    Pixels image = new Pixels();
    byte[] line = new byte[3 * 16];
    for (int i = 0; i < line.length; i++) {
      line[i] = (byte) (i % 4 < 2 ? 0 : 255);
    }
    image.wrapPlanar(line, 4, 4);
    CropBox crop = new CropBox();
    crop.center(1, 4, 4);
    float[] out = new float[3 * 64];
    new Resampler(8, false).resample(image, crop, false, out);
    assertThat(out[3]).isCloseTo(0.2266f - 0.0234f, within(1e-4f));
    assertThat(out[4]).isCloseTo(1 - 0.2266f + 0.0234f, within(1e-4f));
  }

  static Pixels picture(int width, int height, boolean interleaved, Random random) {
    Pixels image = new Pixels();
    byte[] bytes = new byte[3 * width * height];
    random.nextBytes(bytes);
    image.wrapPlanar(bytes, width, height);
    if (interleaved) {
      image.planeStride = 1;
      image.pixelStride = 3;
      image.rowStride = 3 * width;
    }
    return image;
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
        sum +=
            weight * (image.bytes[image.offset(channel, crop.left + u, crop.top + v)] & 0xFF) / 255;
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
