package org.simclrspark.worker.winograd;

import static org.simclrspark.worker.winograd.TileProduct.PANEL;
import static org.simclrspark.worker.winograd.WinogradConvolution.COMPONENTS;
import static org.simclrspark.worker.winograd.WinogradConvolution.INPUTS;
import static org.simclrspark.worker.winograd.WinogradConvolution.OUTPUTS;

import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * The tiles of square activations [views, channels / block, side, side, block], and their way to
 * components and back. Rows of tiles are counted through all views.
 *
 * @param side of an activation, in pixels; what tiles have beyond it is zero, and dropped
 */
record TileGrid(int side) {

  private static final int BLOCK = ChannelBlock.SIZE;

  /** Tiles side by side, and rows of them in a view. */
  int across() {
    return (side + OUTPUTS - 1) / OUTPUTS;
  }

  /**
   * Some rows of tiles.
   *
   * @param capacity tiles that there is room for
   */
  record Rows(int first, int end, int capacity) {

    /** From one component of so many channels to the next: not a multiple of a page. */
    int componentStep(int channels) {
      return capacity * channels + PANEL;
    }

    /** Floats of all components. */
    int room(int channels) {
      return COMPONENTS * componentStep(channels);
    }

    /** From one panel of channels to the next. */
    int panelStep() {
      return capacity * PANEL;
    }
  }

  /** B^T d B of the inputs: components [components, channels / panel, tiles, panel]. */
  void inputs(FloatBuffer x, int channels, Rows rows, float[] to, TileWorkspace space) {
    gather(x, channels, rows, to, space, true);
  }

  /** A dy A^T of the gradients of the outputs, as components like those of inputs. */
  void outputGradients(FloatBuffer dy, int channels, Rows rows, float[] to, TileWorkspace space) {
    gather(dy, channels, rows, to, space, false);
  }

  private void gather(
      FloatBuffer from,
      int channels,
      Rows rows,
      float[] to,
      TileWorkspace space,
      boolean ofInputs) {
    int edge = ofInputs ? 1 : 0;
    int height = ofInputs ? INPUTS : OUTPUTS;
    int bandRow = (across() * OUTPUTS + 2 * edge) * BLOCK;
    float[] band = space.band(INPUTS * bandRow);
    // What is beside the image stays zero: transforms of zeros are zeros.
    Arrays.fill(band, 0, INPUTS * bandRow, 0f);
    int step = rows.componentStep(channels);
    for (int row = rows.first; row < rows.end; row++) {
      int top = row % across() * OUTPUTS - edge;
      for (int block = 0; block < channels / BLOCK; block++) {
        int image = (row / across() * (channels / BLOCK) + block) * side;
        for (int i = 0; i < height; i++) {
          int start = i * bandRow + edge * BLOCK;
          if (top + i >= 0 && top + i < side) {
            from.get((image + top + i) * side * BLOCK, band, start, side * BLOCK);
          } else {
            Arrays.fill(band, start, start + side * BLOCK, 0f);
          }
        }
        int tile =
            block * BLOCK / PANEL * rows.panelStep()
                + (row - rows.first) * across() * PANEL
                + block * BLOCK % PANEL;
        if (ofInputs) {
          TileTransforms.input(band, 0, bandRow, 0, band, 0, bandRow, 0, 1, bandRow);
        } else {
          TileTransforms.outputGradient(band, 0, bandRow, 0, band, 0, bandRow, 0, 1, bandRow);
        }
        for (int i = 0; i < INPUTS; i++) {
          int at = i * bandRow;
          int out = tile + i * INPUTS * step;
          if (ofInputs) {
            TileTransforms.input(
                band, at, BLOCK, OUTPUTS * BLOCK, to, out, step, PANEL, across(), BLOCK);
          } else {
            TileTransforms.outputGradient(
                band, at, BLOCK, OUTPUTS * BLOCK, to, out, step, PANEL, across(), BLOCK);
          }
        }
      }
    }
  }

  /**
   * A^T m A: writes a panel of channels of an activation.
   *
   * @param products the panel's components, [components, tiles, panel]
   * @param start of the first
   * @param step from one to the next
   */
  void outputs(
      float[] products,
      int start,
      int step,
      FloatBuffer y,
      int channels,
      int panel,
      Rows rows,
      TileWorkspace space) {
    int bandRow = across() * OUTPUTS * BLOCK;
    int passedStep = across() * PANEL;
    float[] band = space.band(OUTPUTS * bandRow);
    float[] passed = space.passed(OUTPUTS * INPUTS * passedStep);
    for (int row = rows.first; row < rows.end; row++) {
      int tile = start + (row - rows.first) * passedStep;
      for (int j = 0; j < INPUTS; j++) {
        TileTransforms.output(
            products,
            tile + j * step,
            INPUTS * step,
            0,
            passed,
            j * passedStep,
            INPUTS * passedStep,
            0,
            1,
            passedStep);
      }
      int top = row % across() * OUTPUTS;
      for (int block = 0; block < PANEL / BLOCK; block++) {
        int image = (row / across() * (channels / BLOCK) + panel * (PANEL / BLOCK) + block) * side;
        for (int i = 0; i < Math.min(OUTPUTS, side - top); i++) {
          int at = i * INPUTS * passedStep + block * BLOCK;
          TileTransforms.output(
              passed, at, passedStep, PANEL, band, 0, BLOCK, OUTPUTS * BLOCK, across(), BLOCK);
          y.put((image + top + i) * side * BLOCK, band, 0, side * BLOCK);
        }
      }
    }
  }
}
