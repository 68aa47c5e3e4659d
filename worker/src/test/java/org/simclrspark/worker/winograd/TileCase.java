package org.simclrspark.worker.winograd;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Random;

/**
 * One convolution with random inputs, weights and output gradients, its results, and how far they
 * are from the definition. Plain arrays are [views, channels, side, side] and [out, in, 3, 3].
 */
final class TileCase {

  private static final int BLOCK = ChannelBlock.SIZE;

  /** Values of each result that are computed by the definition. */
  private static final int SAMPLE = 300;

  private final int in;
  private final int out;
  private final int side;
  private final int views;
  private final float[] x;
  private final float[] dy;
  private final float[] w;
  private float[] y;
  private float[] dx;
  private float[] dw;

  TileCase(int in, int out, int side, int views, long seed) {
    this.in = in;
    this.out = out;
    this.side = side;
    this.views = views;
    x = normal(views * in * side * side, seed);
    dy = normal(views * out * side * side, seed + 1);
    w = normal(out * in * 9, seed + 2);
  }

  private static float[] normal(int length, long seed) {
    Random random = new Random(seed);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Makes all inputs and gradients this value. */
  void spoil(float value) {
    Arrays.fill(x, value);
    Arrays.fill(dy, value);
  }

  /** Makes the first value of the first view this. */
  void spoilFirst(float value) {
    x[0] = value;
  }

  void run(TileWorkspace space) {
    WinogradConvolution convolution = new WinogradConvolution(in, out, side);
    FloatBuffer inByOut = buffer(w.length);
    FloatBuffer outByIn = buffer(w.length);
    for (int o = 0; o < out; o++) {
      for (int i = 0; i < in; i++) {
        for (int tap = 0; tap < 9; tap++) {
          float value = w[(o * in + i) * 9 + tap];
          inByOut.put((tap * in + i) * out + o, value);
          outByIn.put((tap * out + o) * in + i, value);
        }
      }
    }
    convolution.load(inByOut, space);
    convolution.loadTransposed(outByIn, space);
    FloatBuffer blockedX = blocked(x, in);
    FloatBuffer blockedDy = blocked(dy, out);
    FloatBuffer blockedY = buffer(dy.length);
    FloatBuffer blockedDx = buffer(x.length);
    FloatBuffer gradient = buffer(w.length);
    convolution.forward(blockedX, blockedY, views, space);
    convolution.backwardData(blockedDy, blockedDx, views, space);
    convolution.backwardWeights(blockedX, blockedDy, views, gradient, space);
    y = plain(blockedY, out);
    dx = plain(blockedDx, in);
    dw = new float[w.length];
    for (int i = 0; i < dw.length; i++) {
      dw[i] = gradient.get((i % 9 * in + i / 9 % in) * out + i / 9 / in);
    }
  }

  float[] outputs() {
    return y;
  }

  float[] weightGradient() {
    return dw;
  }

  /** All results, one behind the other. */
  float[] results() {
    FloatBuffer all = FloatBuffer.allocate(y.length + dx.length + dw.length);
    return all.put(y).put(dx).put(dw).array();
  }

  double forwardError() {
    return error(y, at -> sumOver(at, out, in, x, (o, i, tap) -> w[(o * in + i) * 9 + tap]));
  }

  double dataError() {
    return error(dx, at -> sumOver(at, in, out, dy, (i, o, tap) -> w[(o * in + i) * 9 + 8 - tap]));
  }

  double weightError() {
    return error(dw, this::weightSum);
  }

  private interface Definition {
    double at(int index);
  }

  private interface Weight {
    double of(int to, int from, int tap);
  }

  /** Root of the mean squared error over that of the values, for a sample. */
  private static double error(float[] found, Definition definition) {
    Random random = new Random(1);
    double squares = 0;
    double errors = 0;
    for (int n = 0; n < SAMPLE; n++) {
      int at = random.nextInt(found.length);
      double expected = definition.at(at);
      squares += expected * expected;
      errors += (found[at] - expected) * (found[at] - expected);
    }
    return Math.sqrt(errors / squares);
  }

  /** A sum over channels and the pixels around one. */
  private double sumOver(int at, int channels, int depth, float[] from, Weight weight) {
    int column = at % side;
    int row = at / side % side;
    int channel = at / (side * side) % channels;
    int view = at / (side * side * channels);
    double sum = 0;
    for (int c = 0; c < depth; c++) {
      for (int tap = 0; tap < 9; tap++) {
        int r = row + tap / 3 - 1;
        int k = column + tap % 3 - 1;
        if (r >= 0 && r < side && k >= 0 && k < side) {
          int pixel = ((view * depth + c) * side + r) * side + k;
          sum += from[pixel] * weight.of(channel, c, tap);
        }
      }
    }
    return sum;
  }

  private double weightSum(int at) {
    int tap = at % 9;
    int i = at / 9 % in;
    int o = at / 9 / in;
    double sum = 0;
    for (int view = 0; view < views; view++) {
      for (int pixel = 0; pixel < side * side; pixel++) {
        int r = pixel / side + tap / 3 - 1;
        int k = pixel % side + tap % 3 - 1;
        if (r >= 0 && r < side && k >= 0 && k < side) {
          sum +=
              (double) x[((view * in + i) * side + r) * side + k]
                  * dy[(view * out + o) * side * side + pixel];
        }
      }
    }
    return sum;
  }

  private FloatBuffer blocked(float[] plain, int channels) {
    FloatBuffer values = buffer(plain.length);
    for (int i = 0; i < plain.length; i++) {
      values.put(place(i, channels), plain[i]);
    }
    return values;
  }

  private float[] plain(FloatBuffer blocked, int channels) {
    float[] values = new float[views * channels * side * side];
    for (int i = 0; i < values.length; i++) {
      values[i] = blocked.get(place(i, channels));
    }
    return values;
  }

  /** Where a plain value lies in blocks of channels. */
  private int place(int index, int channels) {
    int pixel = index % (side * side);
    int channel = index / (side * side) % channels;
    int view = index / (side * side * channels);
    int chunk = view * (channels / BLOCK) + channel / BLOCK;
    return (chunk * side * side + pixel) * BLOCK + channel % BLOCK;
  }

  private static FloatBuffer buffer(int length) {
    return ByteBuffer.allocateDirect(length * Float.BYTES)
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }
}
