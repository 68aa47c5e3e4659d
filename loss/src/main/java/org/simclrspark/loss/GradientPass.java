package org.simclrspark.loss;

import static org.simclrspark.loss.Embeddings.PANEL;
import static org.simclrspark.loss.TileKernels.COLUMNS;
import static org.simclrspark.loss.TileKernels.ROWS;
import static org.simclrspark.loss.TileKernels.TILE;

/** Adds what a tile of similarities gives to W U, the gradient before its last scaling. */
final class GradientPass {
  private final Embeddings z;
  private final TemperatureScale scale;
  private final PairWeights weights;
  private final SimilarityTile tile = new SimilarityTile();
  private final float[] block = new float[ROWS * PANEL];

  GradientPass(Embeddings z, TemperatureScale scale, PairWeights weights) {
    this.z = z;
    this.scale = scale;
    this.weights = weights;
  }

  /** Adds the columns of a tile to the sums of its rows. */
  void addRows(int firstRow, int rows, int firstColumn, int columns, WeightedUnits sums) {
    tile.compute(z, firstRow, rows, firstColumn, columns, scale.maskedDot());
    weights.apply(tile);
    addToRows(sums);
  }

  /** Adds a tile above the diagonal to the sums of its rows and of its columns. */
  void addRowsAndColumns(int firstRow, int firstColumn, int columns, WeightedUnits sums) {
    addRows(firstRow, TILE, firstColumn, columns, sums);
    addToColumns(sums);
  }

  private void addToRows(WeightedUnits sums) {
    int depth = Math.min(tile.columns, z.rows() - tile.firstColumn);
    for (int panel = 0; panel < z.dimensionPanelCount(); panel++) {
      for (int k = 0; k < PANEL; k += COLUMNS) {
        int b = z.dimensionPanel(panel, tile.firstColumn) + k;
        for (int row = 0; row < tile.rows; row += ROWS) {
          TileKernels.product(
              tile.values, SimilarityTile.at(row, 0), z.dimensionPanels(), b, depth, block);
          TileKernels.addBlock(block, sums.values, sums.at(panel, tile.firstRow + row) + k);
        }
      }
    }
  }

  private void addToColumns(WeightedUnits sums) {
    for (int panel = 0; panel < z.dimensionPanelCount(); panel++) {
      for (int k = 0; k < PANEL; k += COLUMNS) {
        int b = z.dimensionPanel(panel, tile.firstRow) + k;
        for (int column = 0; column < tile.columns; column += ROWS) {
          TileKernels.transposedProduct(
              tile.values, SimilarityTile.at(0, column), z.dimensionPanels(), b, tile.rows, block);
          TileKernels.addBlock(block, sums.values, sums.at(panel, tile.firstColumn + column) + k);
        }
      }
    }
  }
}
