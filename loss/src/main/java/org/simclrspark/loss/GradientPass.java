package org.simclrspark.loss;

import static org.simclrspark.loss.TileKernels.TILE;
import static org.simclrspark.loss.vector.BlockProduct.COLUMNS;
import static org.simclrspark.loss.vector.BlockProduct.PANEL;
import static org.simclrspark.loss.vector.BlockProduct.ROWS;

import org.simclrspark.loss.vector.BlockProduct;

/** Adds what a tile of similarities gives to W U, the gradient before its last scaling. */
final class GradientPass {
  private final Embeddings z;
  private final TemperatureScale scale;
  private final PairWeights weights;
  private final SimilarityTile tile = new SimilarityTile();
  private final float[] block = new float[ROWS * PANEL];
  private final float[] scratch = new float[PairWeights.STRIP * TILE];

  GradientPass(Embeddings z, TemperatureScale scale, PairWeights weights) {
    this.z = z;
    this.scale = scale;
    this.weights = weights;
  }

  /** Adds the columns of a tile to the sums of its rows. */
  void addRows(int firstRow, int rows, int firstColumn, int columns, WeightedUnits sums) {
    tile.compute(z, firstRow, rows, firstColumn, columns, scale.maskedDot());
    weights.apply(tile, scratch);
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
      int b = z.dimensionPanel(panel, tile.firstColumn);
      int rows;
      for (int row = 0; row < tile.rows; row += rows) {
        rows = BlockProduct.rows(tile.rows - row);
        int at = SimilarityTile.at(row, 0);
        for (int k = 0; k < PANEL; k += COLUMNS) {
          TileKernels.product(rows, tile.values, at, z.dimensionPanels(), b + k, depth, block, k);
        }
        TileKernels.addBlock(rows, block, sums.values, sums.at(panel, tile.firstRow + row));
      }
    }
  }

  private void addToColumns(WeightedUnits sums) {
    for (int panel = 0; panel < z.dimensionPanelCount(); panel++) {
      int b = z.dimensionPanel(panel, tile.firstRow);
      int rows;
      for (int column = 0; column < tile.columns; column += rows) {
        rows = BlockProduct.rows(tile.columns - column);
        int at = SimilarityTile.at(0, column);
        for (int k = 0; k < PANEL; k += COLUMNS) {
          TileKernels.transposedProduct(
              rows, tile.values, at, z.dimensionPanels(), b + k, tile.rows, block, k);
        }
        TileKernels.addBlock(rows, block, sums.values, sums.at(panel, tile.firstColumn + column));
      }
    }
  }
}
