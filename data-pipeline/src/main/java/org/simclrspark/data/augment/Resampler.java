package org.simclrspark.data.augment;

import static org.simclrspark.data.augment.Planes.FLOATS;
import static org.simclrspark.data.augment.Planes.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.simclrspark.data.augment.AugmentSettings.Resampling;
import org.simclrspark.data.decode.Pixels;

/**
 * Crops, resizes, flips and converts to floats in one go.
 *
 * <p>Pixel centres lie at one half; taps outside the crop are dropped and the rest normalised, as
 * in TensorFlow 2 and Pillow. Columns come first, one output row at a time, so that no intermediate
 * picture is needed.
 */
final class Resampler {
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;

  private final int size;
  private final Taps.Kernel kernel;
  private final boolean antialias;
  private final Taps vertical;
  private final Taps horizontal;

  /** One output row at the crop's width, [3][width]. */
  private final float[][] row = new float[3][0];

  Resampler(int size, Resampling resampling) {
    this.size = size;
    this.kernel =
        switch (resampling) {
          case BICUBIC -> Taps.Kernel.BICUBIC;
          case BILINEAR_ANTIALIASED -> Taps.Kernel.BILINEAR;
        };
    this.antialias = resampling == Resampling.BILINEAR_ANTIALIASED;
    this.vertical = new Taps(size);
    this.horizontal = new Taps(size);
  }

  /**
   * Writes a crop of an image, its values not clipped.
   *
   * @param crop within the image
   */
  void resample(Pixels image, CropBox crop, boolean flip, Planes out) {
    vertical.compute(crop.top, crop.height, kernel, antialias);
    horizontal.compute(crop.left, crop.width, kernel, antialias);
    int width = horizontal.end - horizontal.start;
    if (row[0].length < width + Taps.NARROW) {
      for (int channel = 0; channel < 3; channel++) {
        row[channel] = new float[width + Taps.NARROW];
      }
    }
    for (int y = 0; y < size; y++) {
      combineRows(image, y, width);
      for (int channel = 0; channel < 3; channel++) {
        combineColumns(row[channel], flip, out.values, out.row(channel, y));
      }
    }
  }

  private void combineRows(Pixels image, int y, int width) {
    int from = vertical.first[y] * image.width() + horizontal.start;
    int x = 0;
    for (; x <= width - LANES; x += LANES) {
      combineRows(image.words(), from + x, image.width(), y, x, null);
    }
    if (x < width) {
      combineRows(image.words(), from + x, image.width(), y, x, FLOATS.indexInRange(x, width));
    }
  }

  private void combineRows(
      int[] words, int from, int width, int y, int x, VectorMask<Float> inside) {
    FloatVector red = FloatVector.zero(FLOATS);
    FloatVector green = FloatVector.zero(FLOATS);
    FloatVector blue = FloatVector.zero(FLOATS);
    int weights = y * vertical.stride;
    for (int tap = 0; tap < vertical.count[y]; tap++) {
      int at = from + tap * width;
      IntVector word =
          inside == null
              ? IntVector.fromArray(INTS, words, at)
              : IntVector.fromArray(INTS, words, at, inside.cast(INTS));
      float weight = vertical.weights[weights + tap] * (1 / 255f);
      red = red.add(toFloats(word.lanewise(VectorOperators.LSHR, 24)).mul(weight));
      green = green.add(toFloats(word.lanewise(VectorOperators.LSHR, 16).and(0xFF)).mul(weight));
      blue = blue.add(toFloats(word.lanewise(VectorOperators.LSHR, 8).and(0xFF)).mul(weight));
    }
    if (inside == null) {
      red.intoArray(row[0], x);
      green.intoArray(row[1], x);
      blue.intoArray(row[2], x);
    } else {
      red.intoArray(row[0], x, inside);
      green.intoArray(row[1], x, inside);
      blue.intoArray(row[2], x, inside);
    }
  }

  private static FloatVector toFloats(IntVector ints) {
    return (FloatVector) ints.convert(VectorOperators.I2F, 0);
  }

  private void combineColumns(float[] line, boolean flip, float[] out, int offset) {
    int step = flip ? -1 : 1;
    int at = flip ? offset + size - 1 : offset;
    float[] weights = horizontal.weights;
    if (horizontal.stride == Taps.NARROW) {
      for (int x = 0; x < size; x++, at += step) {
        int first = horizontal.first[x] - horizontal.start;
        int w = x * Taps.NARROW;
        out[at] =
            weights[w] * line[first]
                + weights[w + 1] * line[first + 1]
                + weights[w + 2] * line[first + 2]
                + weights[w + 3] * line[first + 3];
      }
      return;
    }
    for (int x = 0; x < size; x++, at += step) {
      int first = horizontal.first[x] - horizontal.start;
      int w = x * horizontal.stride;
      float sum = 0;
      for (int tap = 0; tap < horizontal.count[x]; tap++) {
        sum += weights[w + tap] * line[first + tap];
      }
      out[at] = sum;
    }
  }
}
