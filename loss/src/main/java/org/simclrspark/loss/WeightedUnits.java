package org.simclrspark.loss;

import static org.simclrspark.loss.vector.BlockProduct.PANEL;

/** Rows of W U, [d / PANEL, rows, PANEL], for a range of rows of the batch. */
final class WeightedUnits {
  final float[] values;
  private final int first;
  private final int rows;

  /** The range begins at row {@code first} and holds {@code rows} rows. */
  WeightedUnits(Embeddings z, int first, int rows) {
    this.first = first;
    this.rows = rows;
    this.values = new float[z.dimensionPanelCount() * PANEL * rows];
  }

  /** The offset of a row of the batch in a panel; the next row is PANEL further. */
  int at(int panel, int row) {
    return (panel * rows + row - first) * PANEL;
  }

  /** Adds the sums of the same rows over other columns. */
  void add(WeightedUnits other) {
    for (int i = 0; i < values.length; i++) {
      values[i] += other.values[i];
    }
  }

  /**
   * Finishes a row: dz_i = (I - u_i u_i^T) (W U)_i / (N temperature |z_i|).
   *
   * @param dz receives d values from {@code offset}
   */
  void writeGradient(Embeddings z, double temperature, int row, float[] dz, int offset) {
    double alongUnit = 0;
    for (int panel = 0; panel < z.dimensionPanelCount(); panel++) {
      int sum = at(panel, row);
      int unit = z.dimensionPanel(panel, row);
      for (int k = 0; k < PANEL; k++) {
        alongUnit += (double) values[sum + k] * z.dimensionPanels()[unit + k];
      }
    }
    double factor = z.inverseNorm(row) / (z.rows() * temperature);
    for (int panel = 0; panel < z.dimensionPanelCount(); panel++) {
      int sum = at(panel, row);
      int unit = z.dimensionPanel(panel, row);
      int begin = panel * PANEL;
      int end = Math.min(PANEL, z.dimension() - begin);
      for (int k = 0; k < end; k++) {
        double across = values[sum + k] - alongUnit * z.dimensionPanels()[unit + k];
        dz[offset + begin + k] = (float) (factor * across);
      }
    }
  }
}
