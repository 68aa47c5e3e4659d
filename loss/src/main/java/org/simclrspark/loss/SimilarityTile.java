package org.simclrspark.loss;

import static org.simclrspark.loss.TileKernels.TILE;
import static org.simclrspark.loss.TileKernels.TILE_STRIDE;
import static org.simclrspark.loss.vector.BlockProduct.COLUMNS;
import static org.simclrspark.loss.vector.BlockProduct.PANEL;

import org.simclrspark.loss.vector.BlockProduct;

/**
 * A rectangle of inner products between unit vectors, at most TILE x TILE; the scratch memory of
 * one thread.
 */
public final class SimilarityTile {
  /** Inner products, row-major, rows TILE_STRIDE apart. */
  final float[] values = new float[TILE * TILE_STRIDE];

  /** The first row of the batch in this tile, a multiple of {@link TileKernels#ROW_ALIGNMENT}. */
  int firstRow;

  /**
   * Rows, a multiple of {@link TileKernels#ROW_ALIGNMENT}; those at and after N are zero vectors.
   */
  int rows;

  /** The first column, a multiple of TILE. */
  int firstColumn;

  /** Columns, a multiple of {@link BlockProduct#PANEL}. */
  int columns;

  /** Fills this tile; columns at and after N get the masked value. */
  public void compute(
      Embeddings z, int firstRow, int rows, int firstColumn, int columns, float maskedDot) {
    this.firstRow = firstRow;
    this.rows = rows;
    this.firstColumn = firstColumn;
    this.columns = columns;
    float[] panels = z.rowPanels();
    int depth = z.dimension();
    for (int column = 0; column < columns; column += COLUMNS) {
      int b = z.rowPanel(firstColumn + column);
      int ofBlock;
      for (int row = 0; row < rows; row += ofBlock) {
        int leftInPanel = PANEL - (firstRow + row) % PANEL;
        ofBlock = BlockProduct.rows(Math.min(leftInPanel, rows - row));
        int a = z.rowPanel(firstRow + row);
        TileKernels.innerProducts(ofBlock, panels, a, panels, b, depth, values, at(row, column));
      }
    }
    for (int column = z.rows() - firstColumn; column < columns; column++) {
      for (int row = 0; row < rows; row++) {
        values[at(row, column)] = maskedDot;
      }
    }
  }

  /** The index in {@link #values} of a row and column counted from the tile's first. */
  static int at(int row, int column) {
    return row * TILE_STRIDE + column;
  }

  /** Whether a column of the batch is in this tile. */
  boolean hasColumn(int column) {
    return column >= firstColumn && column < firstColumn + columns;
  }

  /** The number of columns of the tile that begins at this column. */
  static int columnsFrom(Embeddings z, int firstColumn) {
    return Math.min(TILE, z.paddedRows() - firstColumn);
  }

  static int tiles(Embeddings z) {
    return (z.rows() + TILE - 1) / TILE;
  }
}
