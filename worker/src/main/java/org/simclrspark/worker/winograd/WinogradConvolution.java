package org.simclrspark.worker.winograd;

import static org.simclrspark.worker.winograd.TileProduct.PANEL;
import static org.simclrspark.worker.winograd.TileProduct.PANELS;
import static org.simclrspark.worker.winograd.TileProduct.TILES;

import java.nio.FloatBuffer;

/**
 * A convolution of 3 x 3 with stride 1 and padding 1, and its two gradients, on activations [views,
 * channels / block, side, side, block].
 *
 * <p>It works through rows of tiles, a few at a time, so that their components stay in the
 * processor's caches. One thread computes it; several may, each with its own workspace.
 */
public final class WinogradConvolution {

  /** Weights, outputs and inputs of a tile in one direction. */
  static final int WEIGHTS = 3;

  static final int OUTPUTS = 4;
  static final int INPUTS = OUTPUTS + WEIGHTS - 1;

  /** Matrix products. */
  static final int COMPONENTS = INPUTS * INPUTS;

  /** Tiles that are in work together, where rows of tiles allow. */
  private static final int FORWARD_TILES = 96;

  /** The same in a backward pass to the weights, whose result is transformed once for so many. */
  private static final int GRADIENT_TILES = 128;

  /** With fewer channels the transforms take what the products save, and round more. */
  private static final int FEWEST_CHANNELS = 32;

  /** Pairs of channels whose components still are in a processor's caches: 38 MB. */
  private static final int MOST_PAIRS = 512 * 512;

  private final int in;
  private final int out;
  private final TileGrid grid;

  /** Components of the weights, made when the first are taken. */
  private float[] forward = {};

  private float[] rotated = {};

  /**
   * Makes one that takes no memory before it has weights.
   *
   * @param in channels of inputs, in whole blocks
   * @param out channels of outputs, in whole blocks
   * @param side of inputs and outputs, in pixels
   */
  public WinogradConvolution(int in, int out, int side) {
    this.in = in;
    this.out = out;
    grid = new TileGrid(side);
  }

  /** Whether a convolution can be computed so, and gains by it. */
  public static boolean suits(int in, int out, int kernel, int stride, int padding) {
    return kernel == WEIGHTS
        && stride == 1
        && padding == 1
        && Math.min(in, out) >= FEWEST_CHANNELS
        && (long) in * out <= MOST_PAIRS
        && in % PANEL == 0
        && out % PANEL == 0;
  }

  /** Bytes of heap for the weights of one, those of its backward pass included. */
  public static long weightBytes(int in, int out) {
    return 2L * COMPONENTS * in * out * Float.BYTES;
  }

  /** Bytes of heap that a thread's workspace takes for one, about. */
  public static long workspaceBytes(int in, int out) {
    return (long) COMPONENTS * GRADIENT_TILES * (in + out) * Float.BYTES;
  }

  /** Bytes that its weights take now. */
  public long bytes() {
    return (long) Float.BYTES * (forward.length + rotated.length);
  }

  /** Takes the weights [3, 3, in, out] of the forward pass. */
  public void load(FloatBuffer weights, TileWorkspace space) {
    if (forward.length == 0) {
      forward = new float[WinogradWeights.length(in, out)];
    }
    WinogradWeights.components(weights, in, out, false, forward, space);
  }

  /** Takes the weights [3, 3, out, in] of the backward pass to the inputs. */
  public void loadTransposed(FloatBuffer weights, TileWorkspace space) {
    if (rotated.length == 0) {
      rotated = new float[WinogradWeights.length(out, in)];
    }
    WinogradWeights.components(weights, out, in, true, rotated, space);
  }

  /** y [views, out, side, side] from x [views, in, side, side]. */
  public void forward(FloatBuffer x, FloatBuffer y, int views, TileWorkspace space) {
    multiply(x, in, forward, y, out, views, space);
  }

  /** dL/dx from dL/dy: a convolution with the rotated weights. */
  public void backwardData(FloatBuffer dy, FloatBuffer dx, int views, TileWorkspace space) {
    multiply(dy, out, rotated, dx, in, views, space);
  }

  private void multiply(
      FloatBuffer from,
      int depth,
      float[] u,
      FloatBuffer to,
      int channels,
      int views,
      TileWorkspace space) {
    int all = views * grid.across();
    int most = Math.max(1, FORWARD_TILES / grid.across());
    int capacity = wholeBlocks(Math.min(all, most) * grid.across());
    for (int row = 0; row < all; row += most) {
      TileGrid.Rows rows = new TileGrid.Rows(row, Math.min(all, row + most), capacity);
      float[] inputs = space.inputs(rows.room(depth));
      float[] products = space.products(rows.room(PANELS * PANEL));
      grid.inputs(from, depth, rows, inputs, space);
      int tiles = wholeBlocks((rows.end() - row) * grid.across());
      int step = rows.componentStep(PANELS * PANEL);
      for (int panel = 0; panel < channels / PANEL; panel += PANELS) {
        int panels = Math.min(PANELS, channels / PANEL - panel);
        for (int component = 0; component < COMPONENTS; component++) {
          TileProduct.multiply(
              panels,
              tiles,
              inputs,
              component * rows.componentStep(depth),
              rows.panelStep(),
              u,
              (component * channels + panel * PANEL) * depth,
              depth,
              products,
              component * step,
              rows.panelStep());
        }
        for (int i = 0; i < panels; i++) {
          int start = i * rows.panelStep();
          grid.outputs(products, start, step, to, channels, panel + i, rows, space);
        }
      }
    }
  }

  /** dL/dw [3, 3, in, out] from x and dL/dy. */
  public void backwardWeights(
      FloatBuffer x, FloatBuffer dy, int views, FloatBuffer dw, TileWorkspace space) {
    int all = views * grid.across();
    int most = Math.max(1, GRADIENT_TILES / grid.across());
    int capacity = Math.min(all, most) * grid.across();
    int square = PANEL * PANEL;
    for (int row = 0; row < all; row += most) {
      TileGrid.Rows rows = new TileGrid.Rows(row, Math.min(all, row + most), capacity);
      float[] inputs = space.inputs(rows.room(in));
      float[] gradients = space.others(rows.room(out));
      float[] products = space.products(PANELS * COMPONENTS * square);
      grid.inputs(x, in, rows, inputs, space);
      grid.outputGradients(dy, out, rows, gradients, space);
      for (int panel = 0; panel < out / PANEL; panel += PANELS) {
        int panels = Math.min(PANELS, out / PANEL - panel);
        for (int ofIn = 0; ofIn < in / PANEL; ofIn++) {
          for (int component = 0; component < COMPONENTS; component++) {
            GradientProduct.multiply(
                panels,
                inputs,
                component * rows.componentStep(in) + ofIn * rows.panelStep(),
                gradients,
                component * rows.componentStep(out) + panel * rows.panelStep(),
                rows.panelStep(),
                (rows.end() - row) * grid.across(),
                products,
                component * square,
                COMPONENTS * square);
          }
          for (int i = 0; i < panels; i++) {
            WinogradWeights.gradient(
                products,
                i * COMPONENTS * square,
                dw,
                in,
                out,
                ofIn * PANEL,
                (panel + i) * PANEL,
                row > 0,
                space);
          }
        }
      }
    }
  }

  private static int wholeBlocks(int tiles) {
    return (tiles + TILES - 1) / TILES * TILES;
  }
}
