package org.simclrspark.worker.onednn;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.simclrspark.worker.engine.Team;
import org.simclrspark.worker.network.Network;

/**
 * Batch norm with ReLU and residual addition, over a micro-batch that the threads of a team share:
 * forward and backward (Ioffe and Szegedy 2015) each read an activation twice.
 */
final class BatchNorm {

  private final NormParameters parameters;
  private final Network.Normalisation operation;
  private final Team team;
  private final int channels;
  private final int chunk;
  private final int pixels;

  BatchNorm(NormParameters parameters, Team team) {
    this.parameters = parameters;
    this.operation = parameters.operation;
    this.team = team;
    channels = Shapes.padded(operation.in().channels());
    chunk = Shapes.chunkBytes(operation.in());
    pixels = operation.in().pixels();
  }

  /**
   * Runs a member's slice forward.
   *
   * @param slices views of every member
   * @param statistics running statistics to use instead of the micro-batch's, or null
   */
  void forward(Arena arena, int member, int[] slices, float[] statistics, Scratch scratch) {
    float[] mean = scratch.a;
    float[] inverse = scratch.b;
    if (statistics == null) {
      moments(arena, member, slices[member], scratch);
      team.meet();
      combine(slices, mean, inverse);
    } else {
      running(statistics, mean, inverse);
    }
    if (arena == null) {
      return;
    }
    float[][] kept = arena.moments.get(operation);
    for (int c = 0; c < channels; c++) {
      double deviation = 1 / Math.sqrt(inverse[c] + Network.EPSILON);
      kept[0][c] = mean[c];
      kept[1][c] = (float) deviation;
      scratch.c[c] = (float) (parameters.scale[c] * deviation);
      scratch.d[c] = (float) (parameters.shift[c] - mean[c] * parameters.scale[c] * deviation);
    }
    Norms.apply(operation, arena, 0, slices[member], scratch.c, scratch.d);
  }

  private void moments(Arena arena, int member, int views, Scratch scratch) {
    float[] mean = parameters.mean[member];
    float[] deviation = parameters.deviation[member];
    if (arena == null) {
      return;
    }
    ByteBuffer x = arena.views[operation.in().id()];
    for (int channel = 0; channel < channels; channel += OneDnn.BLOCK) {
      int offset = channel / OneDnn.BLOCK * chunk;
      int viewBytes = channels / OneDnn.BLOCK * chunk;
      Kernels.moments(x, offset, pixels, mean, deviation, channel);
      for (int view = 1; view < views; view++) {
        Kernels.moments(x, offset + view * viewBytes, pixels, scratch.c, scratch.d, channel);
        Kernels.merge(mean, deviation, channel, scratch.c, scratch.d, channel, pixels, view);
      }
    }
  }

  /** Means and biased variances over all members, merged in their order. */
  private void combine(int[] slices, float[] mean, float[] variance) {
    for (int c = 0; c < channels; c++) {
      double m = 0;
      double squares = 0;
      long count = 0;
      for (int member = 0; member < slices.length && slices[member] > 0; member++) {
        long added = (long) slices[member] * pixels;
        double delta = parameters.mean[member][c] - m;
        long total = count + added;
        m += delta * added / total;
        squares += parameters.deviation[member][c] + delta * delta * added * count / total;
        count = total;
      }
      mean[c] = (float) m;
      variance[c] = (float) (squares / count);
    }
  }

  /** Writes the micro-batch's means and biased variances into the flat statistics. */
  void statistics(int[] slices, float[] statistics, Scratch scratch) {
    combine(slices, scratch.a, scratch.b);
    int length = operation.in().channels();
    System.arraycopy(scratch.a, 0, statistics, operation.statistics(), length);
    System.arraycopy(scratch.b, 0, statistics, operation.statistics() + length, length);
  }

  private void running(float[] statistics, float[] mean, float[] variance) {
    int length = operation.in().channels();
    Arrays.fill(mean, 0, channels, 0f);
    Arrays.fill(variance, 0, channels, 1f);
    System.arraycopy(statistics, operation.statistics(), mean, 0, length);
    System.arraycopy(statistics, operation.statistics() + length, variance, 0, length);
  }

  /** Runs a member's slice backward; member 0 adds the parameters' gradients. */
  void backward(
      Arena arena,
      Norms.Gradients gradients,
      int member,
      int[] slices,
      float[] gradient,
      Scratch scratch) {
    float[] sum = parameters.sum[member];
    float[] product = parameters.product[member];
    Arrays.fill(sum, 0f);
    Arrays.fill(product, 0f);
    int viewBytes = channels / OneDnn.BLOCK * chunk;
    if (arena != null) {
      float[] mean = arena.moments.get(operation)[0];
      for (int channel = 0; channel < channels; channel += OneDnn.BLOCK) {
        for (int view = 0; view < slices[member]; view++) {
          int offset = view * viewBytes + channel / OneDnn.BLOCK * chunk;
          gradients.sums(arena, operation, offset, mean, channel, sum, product, channel);
        }
      }
    }
    team.meet();
    if (arena == null) {
      return;
    }
    float[][] kept = arena.moments.get(operation);
    long count = 0;
    for (int views : slices) {
      count += (long) views * pixels;
    }
    for (int c = 0; c < channels; c++) {
      double s = 0;
      double p = 0;
      for (int other = 0; other < slices.length; other++) {
        s += parameters.sum[other][c];
        p += parameters.product[other][c];
      }
      double inverse = kept[1][c];
      double a = parameters.scale[c] * inverse;
      double b = -a * inverse * inverse * p / count;
      scratch.a[c] = (float) a;
      scratch.b[c] = (float) b;
      scratch.c[c] = (float) (-a * s / count - b * kept[0][c]);
      if (member == 0 && c < operation.in().channels()) {
        gradient[operation.scale().offset() + c] += (float) (p * inverse);
        if (operation.shift() != null) {
          gradient[operation.shift().offset() + c] += (float) s;
        }
      }
    }
    for (int channel = 0; channel < channels; channel += OneDnn.BLOCK) {
      for (int view = 0; view < slices[member]; view++) {
        int offset = view * viewBytes + channel / OneDnn.BLOCK * chunk;
        gradients.input(arena, operation, offset, scratch.a, scratch.b, scratch.c, channel);
      }
    }
  }
}
