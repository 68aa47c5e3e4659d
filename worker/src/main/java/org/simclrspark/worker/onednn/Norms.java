package org.simclrspark.worker.onednn;

import java.nio.ByteBuffer;
import org.simclrspark.worker.network.Network;

/** What batch norm and group norm share: the passes that touch activations. */
final class Norms {

  private Norms() {}

  /** {@code out = [relu](in * scale + shift [+ residual])} for some views of a slice. */
  static void apply(
      Network.Normalisation operation,
      Arena arena,
      int firstView,
      int endView,
      float[] scale,
      float[] shift) {
    ByteBuffer x = arena.views[operation.in().id()];
    ByteBuffer y = arena.views[operation.out().id()];
    int chunk = Shapes.chunkBytes(operation.in());
    int pixels = operation.in().pixels();
    int channels = Shapes.padded(operation.in().channels());
    int offset = firstView * (channels / OneDnn.BLOCK) * chunk;
    for (int view = firstView; view < endView; view++) {
      for (int channel = 0; channel < channels; channel += OneDnn.BLOCK) {
        if (operation.residual() == null) {
          Kernels.affine(x, y, offset, pixels, scale, shift, channel, operation.relu());
        } else {
          Kernels.affineAdd(
              x,
              arena.views[operation.residual().id()],
              y,
              offset,
              pixels,
              scale,
              shift,
              channel,
              operation.relu());
        }
        offset += chunk;
      }
    }
  }

  /**
   * Gradients around one norm.
   *
   * @param gradient of its output, overwritten by what reaches the norm through the ReLU
   * @param other a second gradient of its output, or null
   * @param input where the gradient of its input goes
   */
  record Gradients(ByteBuffer gradient, ByteBuffer other, ByteBuffer input) {

    void sums(
        Arena arena,
        Network.Normalisation operation,
        int offset,
        float[] mean,
        int meanChannel,
        float[] sum,
        float[] product,
        int channel) {
      Kernels.gradientSums(
          gradient,
          other,
          operation.relu() ? arena.views[operation.out().id()] : null,
          arena.views[operation.in().id()],
          offset,
          operation.in().pixels(),
          mean,
          meanChannel,
          sum,
          product,
          channel);
    }

    void input(
        Arena arena,
        Network.Normalisation operation,
        int offset,
        float[] a,
        float[] b,
        float[] c,
        int channel) {
      Kernels.gradientInput(
          gradient,
          arena.views[operation.in().id()],
          input,
          offset,
          operation.in().pixels(),
          a,
          b,
          c,
          channel);
    }
  }
}
