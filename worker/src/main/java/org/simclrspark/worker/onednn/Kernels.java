package org.simclrspark.worker.onednn;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.simclrspark.worker.winograd.ChannelBlock;

/**
 * Loops over one chunk of an activation in oneDNN's blocked layout: the pixels of one view in one
 * block of channels, [pixels, block]. A vector holds channels, so sums over pixels need no
 * horizontal addition.
 *
 * <p>Offsets are in bytes; values per channel are float arrays, read from {@code channel} on.
 */
final class Kernels {

  private static final VectorSpecies<Float> SPECIES = ChannelBlock.SPECIES;

  private static final int LANES = SPECIES.length();
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  // Constants, so that loops over pixels are unrolled and their bounds checked once.
  private static final int BLOCK = ChannelBlock.SIZE;
  private static final int STRIDE = Float.BYTES * BLOCK;

  private Kernels() {}

  /** Sums over the pixels: mean[channel..] and m2[channel..], the sum of squared deviations. */
  static void moments(ByteBuffer x, int offset, int pixels, float[] mean, float[] m2, int channel) {
    int end = offset + pixels * STRIDE;
    for (int lane = 0; lane < BLOCK; lane += LANES) {
      FloatVector s0 = FloatVector.zero(SPECIES);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      int p = offset + 4 * lane;
      int end4 = offset + (pixels & ~3) * STRIDE;
      for (; p < end4; p += 4 * STRIDE) {
        s0 = s0.add(load(x, p));
        s1 = s1.add(load(x, p + STRIDE));
        s2 = s2.add(load(x, p + 2 * STRIDE));
        s3 = s3.add(load(x, p + 3 * STRIDE));
      }
      for (; p < end; p += STRIDE) {
        s0 = s0.add(load(x, p));
      }
      FloatVector average = s0.add(s1).add(s2.add(s3)).mul(1f / pixels);
      s0 = FloatVector.zero(SPECIES);
      s1 = s0;
      s2 = s0;
      s3 = s0;
      p = offset + 4 * lane;
      for (; p < end4; p += 4 * STRIDE) {
        FloatVector d0 = load(x, p).sub(average);
        FloatVector d1 = load(x, p + STRIDE).sub(average);
        FloatVector d2 = load(x, p + 2 * STRIDE).sub(average);
        FloatVector d3 = load(x, p + 3 * STRIDE).sub(average);
        s0 = d0.fma(d0, s0);
        s1 = d1.fma(d1, s1);
        s2 = d2.fma(d2, s2);
        s3 = d3.fma(d3, s3);
      }
      for (; p < end; p += STRIDE) {
        FloatVector d0 = load(x, p).sub(average);
        s0 = d0.fma(d0, s0);
      }
      average.intoArray(mean, channel + lane);
      s0.add(s1).add(s2.add(s3)).intoArray(m2, channel + lane);
    }
  }

  /**
   * Merges the moments of one chunk into those of {@code chunks} chunks before it (Chan et al.
   * 1983).
   */
  static void merge(
      float[] mean,
      float[] m2,
      int to,
      float[] chunkMean,
      float[] chunkM2,
      int from,
      int pixels,
      int chunks) {
    float step = 1f / (chunks + 1);
    float weight = (float) pixels * chunks / (chunks + 1);
    for (int lane = 0; lane < BLOCK; lane += LANES) {
      FloatVector m = FloatVector.fromArray(SPECIES, mean, to + lane);
      FloatVector delta = FloatVector.fromArray(SPECIES, chunkMean, from + lane).sub(m);
      FloatVector s = FloatVector.fromArray(SPECIES, m2, to + lane);
      delta.mul(step).add(m).intoArray(mean, to + lane);
      s.add(FloatVector.fromArray(SPECIES, chunkM2, from + lane))
          .add(delta.mul(delta).mul(weight))
          .intoArray(m2, to + lane);
    }
  }

  /** y = x * scale + shift, with ReLU if asked. */
  static void affine(
      ByteBuffer x,
      ByteBuffer y,
      int offset,
      int pixels,
      float[] scale,
      float[] shift,
      int channel,
      boolean relu) {
    int end = offset + pixels * STRIDE;
    for (int lane = 0; lane < BLOCK; lane += LANES) {
      FloatVector a = FloatVector.fromArray(SPECIES, scale, channel + lane);
      FloatVector b = FloatVector.fromArray(SPECIES, shift, channel + lane);
      FloatVector floor = FloatVector.broadcast(SPECIES, relu ? 0f : Float.NEGATIVE_INFINITY);
      for (int p = offset + 4 * lane; p < end; p += STRIDE) {
        load(x, p).fma(a, b).max(floor).intoByteBuffer(y, p, ORDER);
      }
    }
  }

  /** y = x * scale + shift + residual, with ReLU if asked. */
  static void affineAdd(
      ByteBuffer x,
      ByteBuffer residual,
      ByteBuffer y,
      int offset,
      int pixels,
      float[] scale,
      float[] shift,
      int channel,
      boolean relu) {
    int end = offset + pixels * STRIDE;
    for (int lane = 0; lane < BLOCK; lane += LANES) {
      FloatVector a = FloatVector.fromArray(SPECIES, scale, channel + lane);
      FloatVector b = FloatVector.fromArray(SPECIES, shift, channel + lane);
      FloatVector floor = FloatVector.broadcast(SPECIES, relu ? 0f : Float.NEGATIVE_INFINITY);
      for (int p = offset + 4 * lane; p < end; p += STRIDE) {
        load(x, p).fma(a, b).add(load(residual, p)).max(floor).intoByteBuffer(y, p, ORDER);
      }
    }
  }

  /**
   * g = (g + other) where y is positive, else 0; adds sum(g) to {@code sum} and sum(g * (x - mean))
   * to {@code product}, per channel.
   *
   * @param other a second gradient of the same activation, or null
   * @param y the activation whose ReLU masks, or null where there was none
   */
  static void gradientSums(
      ByteBuffer g,
      ByteBuffer other,
      ByteBuffer y,
      ByteBuffer x,
      int offset,
      int pixels,
      float[] mean,
      int meanChannel,
      float[] sum,
      float[] product,
      int channel) {
    int end = offset + pixels * STRIDE;
    for (int lane = 0; lane < BLOCK; lane += LANES) {
      FloatVector m = FloatVector.fromArray(SPECIES, mean, meanChannel + lane);
      FloatVector s = FloatVector.zero(SPECIES);
      FloatVector t = s;
      int start = offset + 4 * lane;
      if (other == null && y != null) {
        for (int p = start; p < end; p += STRIDE) {
          FloatVector v = open(load(g, p), y, p);
          v.intoByteBuffer(g, p, ORDER);
          s = s.add(v);
          t = v.fma(load(x, p).sub(m), t);
        }
      } else if (y != null) {
        for (int p = start; p < end; p += STRIDE) {
          FloatVector v = open(load(g, p).add(load(other, p)), y, p);
          v.intoByteBuffer(g, p, ORDER);
          s = s.add(v);
          t = v.fma(load(x, p).sub(m), t);
        }
      } else {
        for (int p = start; p < end; p += STRIDE) {
          FloatVector v = load(g, p);
          if (other != null) {
            v = v.add(load(other, p));
            v.intoByteBuffer(g, p, ORDER);
          }
          s = s.add(v);
          t = v.fma(load(x, p).sub(m), t);
        }
      }
      FloatVector.fromArray(SPECIES, sum, channel + lane).add(s).intoArray(sum, channel + lane);
      FloatVector.fromArray(SPECIES, product, channel + lane)
          .add(t)
          .intoArray(product, channel + lane);
    }
  }

  private static FloatVector load(ByteBuffer buffer, int offset) {
    return FloatVector.fromByteBuffer(SPECIES, buffer, offset, ORDER);
  }

  /** The values of v where y is positive, else 0. */
  private static FloatVector open(FloatVector v, ByteBuffer y, int offset) {
    VectorMask<Float> positive = load(y, offset).compare(VectorOperators.GT, 0f);
    return FloatVector.zero(SPECIES).blend(v, positive);
  }

  /** dx = a * g + b * x + c per channel; dx may be g. */
  static void gradientInput(
      ByteBuffer g,
      ByteBuffer x,
      ByteBuffer dx,
      int offset,
      int pixels,
      float[] a,
      float[] b,
      float[] c,
      int channel) {
    int end = offset + pixels * STRIDE;
    for (int lane = 0; lane < BLOCK; lane += LANES) {
      FloatVector va = FloatVector.fromArray(SPECIES, a, channel + lane);
      FloatVector vb = FloatVector.fromArray(SPECIES, b, channel + lane);
      FloatVector vc = FloatVector.fromArray(SPECIES, c, channel + lane);
      for (int p = offset + 4 * lane; p < end; p += STRIDE) {
        load(x, p).fma(vb, vc).add(load(g, p).mul(va)).intoByteBuffer(dx, p, ORDER);
      }
    }
  }

  /** out[outOffset..] = mean over the pixels. */
  static void average(ByteBuffer x, int offset, int pixels, ByteBuffer out, int outOffset) {
    int end = offset + pixels * STRIDE;
    for (int lane = 0; lane < BLOCK; lane += LANES) {
      FloatVector s = FloatVector.zero(SPECIES);
      for (int p = offset + 4 * lane; p < end; p += STRIDE) {
        s = s.add(load(x, p));
      }
      s.mul(1f / pixels).intoByteBuffer(out, outOffset + 4 * lane, ORDER);
    }
  }

  /** dx = dOut / pixels, the same at every pixel. */
  static void averageGradient(
      ByteBuffer dOut, int outOffset, ByteBuffer dx, int offset, int pixels) {
    int end = offset + pixels * STRIDE;
    for (int lane = 0; lane < BLOCK; lane += LANES) {
      FloatVector g = load(dOut, outOffset + 4 * lane).mul(1f / pixels);
      for (int p = offset + 4 * lane; p < end; p += STRIDE) {
        g.intoByteBuffer(dx, p, ORDER);
      }
    }
  }

  /** to += from, over bytes that are a multiple of 64. */
  static void add(ByteBuffer to, ByteBuffer from, int offset, int bytes) {
    for (int p = offset; p < offset + bytes; p += 4 * LANES) {
      load(to, p).add(load(from, p)).intoByteBuffer(to, p, ORDER);
    }
  }

  /** to[offset..] += from[start..start + length). */
  static void add(float[] to, int offset, ByteBuffer from, int start, int length) {
    int i = 0;
    for (; i <= length - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, to, offset + i)
          .add(load(from, 4 * (start + i)))
          .intoArray(to, offset + i);
    }
    for (; i < length; i++) {
      to[offset + i] += from.getFloat(4 * (start + i));
    }
  }
}
