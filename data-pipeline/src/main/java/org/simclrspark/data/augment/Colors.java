package org.simclrspark.data.augment;

import static org.simclrspark.data.augment.Planes.LANES;
import static org.simclrspark.data.augment.Planes.clip;
import static org.simclrspark.data.augment.Planes.load;
import static org.simclrspark.data.augment.Planes.max;
import static org.simclrspark.data.augment.Planes.min;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * The colour operations, each on the pixels from one multiple of {@link Planes#ALIGNMENT} to
 * another; each clips to [0, 1] again, and may be the first to see values beyond.
 */
final class Colors {
  /** Weights of red, green and blue in gray, as in TensorFlow's rgb_to_grayscale. */
  static final float RED = 0.2989f;

  static final float GREEN = 0.5870f;
  static final float BLUE = 0.1140f;

  /**
   * Added to a float of less than 2^22, of either sign, it leaves the rounded integer in the low
   * bits.
   */
  private static final float ROUNDER = 0x1.8p23f;

  private static final int ROUNDER_BITS = Float.floatToIntBits(ROUNDER);
  private static final float FIXED_POINT = 65536;

  private Colors() {}

  /** Limits to [0, 1]. */
  static void limit(Planes planes, int from, int to) {
    brightness(planes, from, to, 1);
  }

  /** x f. */
  static void brightness(Planes planes, int from, int to, float factor) {
    float[] values = planes.values;
    for (int channel = 0; channel < 3; channel++) {
      int offset = channel * planes.stride;
      for (int i = offset + from; i < offset + to; i += LANES) {
        clip(load(values, i).mul(factor)).intoArray(values, i);
      }
    }
  }

  /** (x - mean) f + mean, for one channel. */
  static void contrast(Planes planes, int channel, int from, int to, float factor, float mean) {
    float[] values = planes.values;
    float shift = mean - mean * factor;
    int offset = channel * planes.stride;
    for (int i = offset + from; i < offset + to; i += LANES) {
      clip(load(values, i).mul(factor).add(shift)).intoArray(values, i);
    }
  }

  /**
   * S' = min(1, S f) in HSV. With value V and chroma C, S is C/V, hue and value stay, and every
   * channel x becomes V - (V - x) S'/S.
   */
  static void saturationHsv(Planes planes, int from, int to, float factor) {
    float[] values = planes.values;
    int stride = planes.stride;
    for (int i = from; i < to; i += LANES) {
      FloatVector r = load(values, i);
      FloatVector g = load(values, stride + i);
      FloatVector b = load(values, 2 * stride + i);
      FloatVector value = max(r, max(g, b));
      FloatVector chroma = value.sub(min(r, min(g, b)));
      FloatVector greatest = value.div(chroma);
      // Without chroma the ratio is infinite or not a number; no ratio changes such a pixel.
      FloatVector ratio =
          FloatVector.broadcast(Planes.FLOATS, factor)
              .blend(greatest, greatest.compare(VectorOperators.LT, factor));
      clip(value.sub(value.sub(r).mul(ratio))).intoArray(values, i);
      clip(value.sub(value.sub(g).mul(ratio))).intoArray(values, stride + i);
      clip(value.sub(value.sub(b).mul(ratio))).intoArray(values, 2 * stride + i);
    }
  }

  /** f x + (1 - f) gray. */
  static void saturationGray(Planes planes, int from, int to, float factor) {
    float[] values = planes.values;
    int stride = planes.stride;
    for (int i = from; i < to; i += LANES) {
      FloatVector r = load(values, i);
      FloatVector g = load(values, stride + i);
      FloatVector b = load(values, 2 * stride + i);
      FloatVector rest = gray(r, g, b).mul(1 - factor);
      clip(r.mul(factor).add(rest)).intoArray(values, i);
      clip(g.mul(factor).add(rest)).intoArray(values, stride + i);
      clip(b.mul(factor).add(rest)).intoArray(values, 2 * stride + i);
    }
  }

  /**
   * Turns the hue of HSV. With h the new hue in sixths of a turn, channel n (red 5, green 3, blue
   * 1) is V - C clamp(min(k, 4 - k), 0, 1) for k = (n + h) mod 6.
   *
   * @param turns in [-0.5, 0.5]
   */
  static void hue(Planes planes, int from, int to, float turns) {
    float[] values = planes.values;
    int stride = planes.stride;
    float shift = turns * 6;
    for (int i = from; i < to; i += LANES) {
      FloatVector r = load(values, i);
      FloatVector g = load(values, stride + i);
      FloatVector b = load(values, 2 * stride + i);
      FloatVector value = max(r, max(g, b));
      FloatVector chroma = value.sub(min(r, min(g, b)));
      VectorMask<Float> isRed = value.compare(VectorOperators.EQ, r);
      VectorMask<Float> isGreen = value.compare(VectorOperators.EQ, g);
      FloatVector difference = r.sub(g).blend(b.sub(r), isGreen).blend(g.sub(b), isRed);
      FloatVector sector =
          FloatVector.broadcast(Planes.FLOATS, 4 + shift)
              .blend(2 + shift, isGreen)
              .blend(shift, isRed);
      // Without chroma any hue will do, since it is multiplied by the chroma.
      FloatVector divisor = max(chroma, FloatVector.broadcast(Planes.FLOATS, Float.MIN_NORMAL));
      FloatVector hue = difference.div(divisor).add(sector);
      hue = hue.blend(hue.add(6), hue.compare(VectorOperators.LT, 0f));
      hue = hue.blend(hue.sub(6), hue.compare(VectorOperators.GE, 6f));
      hexcone(value, chroma, hue.add(5)).intoArray(values, i);
      hexcone(value, chroma, hue.add(3)).intoArray(values, stride + i);
      hexcone(value, chroma, hue.add(1)).intoArray(values, 2 * stride + i);
    }
  }

  private static FloatVector hexcone(FloatVector value, FloatVector chroma, FloatVector sixths) {
    FloatVector k = sixths.blend(sixths.sub(6), sixths.compare(VectorOperators.GE, 6f));
    FloatVector part = clip(min(k, k.neg().add(4)));
    return clip(value.sub(chroma.mul(part)));
  }

  /** All channels become gray. */
  static void gray(Planes planes, int from, int to) {
    float[] values = planes.values;
    int stride = planes.stride;
    for (int i = from; i < to; i += LANES) {
      FloatVector gray =
          gray(load(values, i), load(values, stride + i), load(values, 2 * stride + i));
      gray.intoArray(values, i);
      gray.intoArray(values, stride + i);
      gray.intoArray(values, 2 * stride + i);
    }
  }

  private static FloatVector gray(FloatVector r, FloatVector g, FloatVector b) {
    return r.mul(RED).add(g.mul(GREEN)).add(b.mul(BLUE));
  }

  /**
   * Sum of a channel's values in units of 2^-16, exact in integers so that the order of summing
   * does not matter. The run must be shorter than 2^15 values.
   */
  static int fixedPointSum(Planes planes, int channel, int from, int to) {
    float[] values = planes.values;
    int offset = channel * planes.stride;
    IntVector sum = IntVector.zero(IntVector.SPECIES_PREFERRED);
    for (int i = offset + from; i < offset + to; i += LANES) {
      FloatVector rounded = load(values, i).mul(FIXED_POINT).add(ROUNDER);
      sum = sum.add(rounded.reinterpretAsInts().sub(ROUNDER_BITS));
    }
    return sum.reduceLanes(VectorOperators.ADD);
  }

  /** The mean that such sums make. */
  static float mean(long fixedPointSum, int count) {
    return (float) (fixedPointSum / (double) FIXED_POINT / count);
  }

  /**
   * Writes round(255 x) as bytes, planes without padding.
   *
   * @param out [3, size, size] from the offset on
   */
  static void quantise(Planes planes, byte[] out, int offset) {
    int plane = planes.size * planes.size;
    for (int channel = 0; channel < 3; channel++) {
      quantise(planes.values, channel * planes.stride, plane, out, offset + channel * plane);
    }
  }

  private static void quantise(float[] values, int from, int count, byte[] out, int offset) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      FloatVector rounded = clip(load(values, from + i)).mul(255f).add(ROUNDER);
      rounded
          .reinterpretAsInts()
          .convertShape(VectorOperators.I2B, Planes.BYTES, 0)
          .reinterpretAsBytes()
          .intoArray(out, offset + i);
    }
    for (; i < count; i++) {
      float value = values[from + i];
      float clipped = value < 0 ? 0 : value > 1 ? 1 : value;
      out[offset + i] = (byte) Float.floatToIntBits(clipped * 255 + ROUNDER);
    }
  }
}
