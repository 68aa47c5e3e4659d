package org.simclrspark.worker.onednn;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.simclrspark.worker.network.Network;

/**
 * Group norm with ReLU and residual addition (Wu and He 2018): each view has its own statistics, so
 * the threads of a team need not meet.
 */
final class GroupNorm {

  private final NormParameters parameters;
  private final Network.Normalisation operation;
  private final int channels;
  private final int groupSize;
  private final int chunk;
  private final int pixels;

  GroupNorm(NormParameters parameters) {
    this.parameters = parameters;
    this.operation = parameters.operation;
    channels = Shapes.padded(operation.in().channels());
    groupSize = operation.in().channels() / operation.groups();
    chunk = Shapes.chunkBytes(operation.in());
    pixels = operation.in().pixels();
  }

  void forward(Arena arena, int views, Scratch scratch) {
    ByteBuffer x = arena.views[operation.in().id()];
    float[][] kept = arena.moments.get(operation);
    for (int view = 0; view < views; view++) {
      int offset = view * (channels / OneDnn.BLOCK) * chunk;
      for (int channel = 0; channel < channels; channel += OneDnn.BLOCK) {
        Kernels.moments(
            x, offset + channel / OneDnn.BLOCK * chunk, pixels, scratch.a, scratch.b, channel);
      }
      Arrays.fill(scratch.c, 0, channels, 0f);
      Arrays.fill(scratch.d, 0, channels, 0f);
      for (int group = 0; group < operation.groups(); group++) {
        combine(group, view, kept, scratch);
      }
      Norms.apply(operation, arena, view, view + 1, scratch.c, scratch.d);
    }
  }

  private void combine(int group, int view, float[][] kept, Scratch scratch) {
    int first = group * groupSize;
    double mean = 0;
    for (int c = first; c < first + groupSize; c++) {
      mean += scratch.a[c];
    }
    mean /= groupSize;
    double squares = 0;
    for (int c = first; c < first + groupSize; c++) {
      double delta = scratch.a[c] - mean;
      squares += scratch.b[c] + delta * delta * pixels;
    }
    double inverse = 1 / Math.sqrt(squares / ((long) groupSize * pixels) + Network.EPSILON);
    for (int c = first; c < first + groupSize; c++) {
      kept[0][view * channels + c] = (float) mean;
      kept[1][view * channels + c] = (float) inverse;
      scratch.c[c] = (float) (parameters.scale[c] * inverse);
      scratch.d[c] = (float) (parameters.shift[c] - mean * parameters.scale[c] * inverse);
    }
  }

  /** Runs a slice backward; leaves its sums of the parameters' gradients with the parameters. */
  void backward(Arena arena, Norms.Gradients gradients, int member, int views, Scratch scratch) {
    float[] shiftGradient = parameters.sum[member];
    float[] scaleGradient = parameters.product[member];
    Arrays.fill(shiftGradient, 0f);
    Arrays.fill(scaleGradient, 0f);
    if (arena == null) {
      return;
    }
    float[][] kept = arena.moments.get(operation);
    float[] sum = scratch.a;
    float[] product = scratch.b;
    for (int view = 0; view < views; view++) {
      int start = view * channels;
      int offset = view * (channels / OneDnn.BLOCK) * chunk;
      Arrays.fill(sum, 0, channels, 0f);
      Arrays.fill(product, 0, channels, 0f);
      for (int channel = 0; channel < channels; channel += OneDnn.BLOCK) {
        gradients.sums(
            arena,
            operation,
            offset + channel / OneDnn.BLOCK * chunk,
            kept[0],
            start + channel,
            sum,
            product,
            channel);
      }
      for (int c = 0; c < operation.in().channels(); c++) {
        shiftGradient[c] += sum[c];
        scaleGradient[c] += product[c] * kept[1][start + c];
      }
      for (int group = 0; group < operation.groups(); group++) {
        coefficients(group, start, kept, sum, product, scratch);
      }
      // Padding channels: their gradients are zero and stay so.
      int real = operation.in().channels();
      Arrays.fill(sum, real, channels, 0f);
      Arrays.fill(product, real, channels, 0f);
      Arrays.fill(scratch.c, real, channels, 0f);
      for (int channel = 0; channel < channels; channel += OneDnn.BLOCK) {
        gradients.input(
            arena,
            operation,
            offset + channel / OneDnn.BLOCK * chunk,
            scratch.a,
            scratch.b,
            scratch.c,
            channel);
      }
    }
  }

  /** Turns a group's sums into the a, b and c of dx = a g + b x + c, in place. */
  private void coefficients(
      int group, int start, float[][] kept, float[] sum, float[] product, Scratch scratch) {
    int first = group * groupSize;
    double s = 0;
    double p = 0;
    for (int c = first; c < first + groupSize; c++) {
      s += parameters.scale[c] * (double) sum[c];
      p += parameters.scale[c] * (double) product[c];
    }
    double inverse = kept[1][start + first];
    double mean = kept[0][start + first];
    double count = (double) groupSize * pixels;
    double b = -inverse * inverse * inverse * p / count;
    for (int c = first; c < first + groupSize; c++) {
      sum[c] = (float) (parameters.scale[c] * inverse);
      product[c] = (float) b;
      scratch.c[c] = (float) (-inverse * s / count - b * mean);
    }
  }

  /** Adds the members' sums in their order. */
  void addGradient(int members, float[] gradient) {
    for (int member = 0; member < members; member++) {
      for (int c = 0; c < operation.in().channels(); c++) {
        gradient[operation.scale().offset() + c] += parameters.product[member][c];
        gradient[operation.shift().offset() + c] += parameters.sum[member][c];
      }
    }
  }
}
