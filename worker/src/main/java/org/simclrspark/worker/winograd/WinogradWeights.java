package org.simclrspark.worker.winograd;

import static org.simclrspark.worker.winograd.TileProduct.PANEL;
import static org.simclrspark.worker.winograd.WinogradConvolution.COMPONENTS;
import static org.simclrspark.worker.winograd.WinogradConvolution.INPUTS;
import static org.simclrspark.worker.winograd.WinogradConvolution.WEIGHTS;

import java.nio.FloatBuffer;

/** The way of weights [3, 3, in, out] to components, and of their gradients back. */
final class WinogradWeights {

  private WinogradWeights() {}

  /**
   * G g G^T.
   *
   * @param rotated whether to turn g by 180 degrees, as the gradient of inputs takes it
   * @param u receives [components, out / panel, in, panel]
   */
  static void components(
      FloatBuffer weights, int in, int out, boolean rotated, float[] u, TileWorkspace space) {
    int step = in * out;
    float[] g = space.inputs(WEIGHTS * WEIGHTS * step);
    weights.get(0, g, 0, WEIGHTS * WEIGHTS * step);
    int panel = in * PANEL;
    float[] passed = space.passed(INPUTS * WEIGHTS * panel);
    int row = (rotated ? -WEIGHTS : WEIGHTS) * step;
    for (int p = 0; p < out / PANEL; p++) {
      for (int j = 0; j < WEIGHTS; j++) {
        int top = rotated ? WEIGHTS * WEIGHTS - 1 - j : j;
        TileTransforms.weights(
            g,
            top * step + p * PANEL,
            row,
            out,
            passed,
            j * panel,
            WEIGHTS * panel,
            PANEL,
            in,
            PANEL);
      }
      for (int i = 0; i < INPUTS; i++) {
        int to = i * INPUTS * step + p * panel;
        TileTransforms.weights(passed, i * WEIGHTS * panel, panel, 0, u, to, step, 0, 1, panel);
      }
    }
  }

  /**
   * G^T du G, for a panel of input and one of output channels: the gradient goes to {@code dw} [3,
   * 3, in, out].
   *
   * @param du components [components, panel, panel] from {@code start} on
   * @param more whether it is added to what is there
   */
  static void gradient(
      float[] du,
      int start,
      FloatBuffer dw,
      int in,
      int out,
      int firstIn,
      int firstOut,
      boolean more,
      TileWorkspace space) {
    int square = PANEL * PANEL;
    float[] passed = space.passed((WEIGHTS * INPUTS + WEIGHTS * WEIGHTS) * square);
    for (int j = 0; j < INPUTS; j++) {
      int from = start + j * square;
      TileTransforms.weightGradient(
          du, from, INPUTS * square, 0, passed, j * square, INPUTS * square, 0, 1, square);
    }
    int gradients = WEIGHTS * INPUTS * square;
    for (int i = 0; i < WEIGHTS; i++) {
      int to = gradients + i * WEIGHTS * square;
      TileTransforms.weightGradient(
          passed, i * INPUTS * square, square, 0, passed, to, square, 0, 1, square);
    }
    float[] before = space.band(PANEL);
    for (int tap = 0; tap < WEIGHTS * WEIGHTS; tap++) {
      for (int c = 0; c < PANEL; c++) {
        int at = (tap * in + firstIn + c) * out + firstOut;
        int from = gradients + (tap * PANEL + c) * PANEL;
        if (more) {
          dw.get(at, before, 0, PANEL);
          for (int k = 0; k < PANEL; k++) {
            passed[from + k] += before[k];
          }
        }
        dw.put(at, passed, from, PANEL);
      }
    }
  }

  /** Floats of the components of weights. */
  static int length(int in, int out) {
    return Math.multiplyExact(COMPONENTS, Math.multiplyExact(in, out));
  }
}
