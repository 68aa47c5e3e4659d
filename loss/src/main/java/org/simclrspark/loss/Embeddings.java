package org.simclrspark.loss;

import static org.simclrspark.loss.vector.BlockProduct.PANEL;

import java.util.Locale;

/**
 * The embeddings of a whole batch, normalised once and laid out for the loss.
 *
 * <p>N rows of d values; rows 2k and 2k+1 are the two views of image k, so the positive of row i is
 * row i ^ 1. Each row is kept as the unit vector u_i = z_i / |z_i| (float32) and its norm |z_i|.
 * The unit vectors are held twice, each a copy of N d floats: once with the rows of a panel side by
 * side, for similarities, and once with the dimensions of a panel side by side, for gradients.
 *
 * <p>The zero vector has no direction. It is given similarity 0 to every row and the gradient zero,
 * what z / max(|z|, epsilon) gives but for the gradient, which is large there.
 *
 * <p>Immutable and safe to share between threads.
 */
public final class Embeddings {
  private final int rows;
  private final int dimension;
  private final int paddedRows;
  private final int paddedDimension;
  private final double[] norms;
  private final double[] positiveDots;
  private final float[] positiveSimilarities;
  private final float[] rowPanels;
  private final float[] dimensionPanels;

  private Embeddings(int rows, int dimension) {
    this.rows = rows;
    this.dimension = dimension;
    this.paddedRows = roundUp(rows, PANEL);
    this.paddedDimension = roundUp(dimension, PANEL);
    this.norms = new double[rows];
    this.positiveDots = new double[rows / 2];
    this.positiveSimilarities = new float[rows / 2];
    this.rowPanels = new float[arrayLength(paddedRows, dimension)];
    this.dimensionPanels = new float[arrayLength(paddedRows, paddedDimension)];
  }

  /**
   * Normalises the embeddings of a batch.
   *
   * @param z embeddings, [N, dimension] row-major, N even and at least 4
   * @param dimension d, at least 1
   * @throws IllegalArgumentException if the sizes do not fit, or a value is not finite; the message
   *     names the row and the value
   */
  public static Embeddings of(float[] z, int dimension) {
    if (dimension < 1) {
      throw new IllegalArgumentException(
          "Invalid embedding dimension, must be at least 1, found " + dimension);
    }
    if (z.length % dimension != 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Invalid embeddings, must be whole rows of %d values, found %d values",
              dimension,
              z.length));
    }
    int rows = z.length / dimension;
    if (rows < 4 || rows % 2 != 0) {
      throw new IllegalArgumentException(
          "Invalid number of embeddings, must be even (two views an image) and at least 4, found "
              + rows);
    }
    Embeddings embeddings = new Embeddings(rows, dimension);
    for (int row = 0; row < rows; row++) {
      embeddings.setRow(row, z);
    }
    for (int pair = 0; pair < rows / 2; pair++) {
      embeddings.setPositive(pair);
    }
    return embeddings;
  }

  private void setRow(int row, float[] z) {
    int start = row * dimension;
    double squares = 0;
    for (int k = 0; k < dimension; k++) {
      float value = z[start + k];
      if (!Float.isFinite(value)) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "Invalid embedding, must be finite, found %s in row %d, dimension %d",
                value,
                row,
                k));
      }
      squares += (double) value * value;
    }
    double norm = Math.sqrt(squares);
    norms[row] = norm;
    double inverse = inverseNorm(row);
    int inRowPanels = rowPanel(row);
    for (int begin = 0; begin < dimension; begin += PANEL) {
      int inDimensionPanels = dimensionPanel(begin / PANEL, row) - begin;
      for (int k = begin; k < Math.min(dimension, begin + PANEL); k++) {
        float unit = (float) (z[start + k] * inverse);
        rowPanels[inRowPanels + k * PANEL] = unit;
        dimensionPanels[inDimensionPanels + k] = unit;
      }
    }
  }

  private void setPositive(int pair) {
    double dot = 0;
    float similarity = 0;
    int first = rowPanel(2 * pair);
    for (int at = first; at < first + dimension * PANEL; at += PANEL) {
      float a = rowPanels[at];
      float b = rowPanels[at + 1];
      dot += (double) a * b;
      similarity = Math.fma(a, b, similarity);
    }
    positiveDots[pair] = dot;
    positiveSimilarities[pair] = similarity;
  }

  /** The number of rows, N: two for each image of the batch. */
  public int rows() {
    return rows;
  }

  /** The length of an embedding, d. */
  public int dimension() {
    return dimension;
  }

  /**
   * The length of a row before it was normalised, |z_i|.
   *
   * @param row in [0, N)
   */
  public double norm(int row) {
    return norms[row];
  }

  /** 1 / |z_i|; 0 for the zero vector, which so has the gradient zero. */
  public double inverseNorm(int row) {
    return norms[row] == 0 ? 0 : 1 / norms[row];
  }

  /**
   * A value of a unit vector.
   *
   * @param row in [0, N)
   * @param k in [0, d)
   */
  public float unit(int row, int k) {
    if (k < 0 || k >= dimension) {
      throw new IndexOutOfBoundsException(
          String.format(
              Locale.ROOT, "Invalid dimension, must be in [0, %d), found %d", dimension, k));
    }
    return rowPanels[rowPanel(row) + k * PANEL];
  }

  /**
   * Copies a unit vector.
   *
   * @param row in [0, N)
   * @param unit receives d values
   */
  public void copyUnit(int row, double[] unit) {
    for (int begin = 0; begin < dimension; begin += PANEL) {
      int at = dimensionPanel(begin / PANEL, row) - begin;
      for (int k = begin; k < Math.min(dimension, begin + PANEL); k++) {
        unit[k] = dimensionPanels[at + k];
      }
    }
  }

  /** The unit vectors, [N, d] row-major; a copy. */
  public float[] units() {
    float[] units = new float[rows * dimension];
    for (int row = 0; row < rows; row++) {
      for (int begin = 0; begin < dimension; begin += PANEL) {
        System.arraycopy(
            dimensionPanels,
            dimensionPanel(begin / PANEL, row),
            units,
            row * dimension + begin,
            Math.min(PANEL, dimension - begin));
      }
    }
    return units;
  }

  /** The inner product of the unit vectors of a row and its positive, in double precision. */
  public double positiveDot(int row) {
    return positiveDots[row / 2];
  }

  /**
   * The inner product of the unit vectors of a row and its positive, to the bit what {@link
   * TileKernels#innerProducts} gives.
   */
  float positiveSimilarity(int row) {
    return positiveSimilarities[row / 2];
  }

  /** N rounded up to whole panels; the rows added are zeros. */
  int paddedRows() {
    return paddedRows;
  }

  /** Panels of dimensions, the last one filled up with zeros. */
  int dimensionPanelCount() {
    return paddedDimension / PANEL;
  }

  /** Unit vectors as [N / PANEL, d, PANEL]: the rows of a panel side by side. */
  float[] rowPanels() {
    return rowPanels;
  }

  /**
   * The offset in {@link #rowPanels} of the first dimension of a row; the next is PANEL further.
   */
  int rowPanel(int row) {
    return row / PANEL * PANEL * dimension + row % PANEL;
  }

  /** Unit vectors as [d / PANEL, N, PANEL]: the dimensions of a panel side by side. */
  float[] dimensionPanels() {
    return dimensionPanels;
  }

  /** The offset in {@link #dimensionPanels} of a row of a panel; the next row is PANEL further. */
  int dimensionPanel(int panel, int row) {
    return (panel * paddedRows + row) * PANEL;
  }

  private static int roundUp(int value, int multiple) {
    return (value + multiple - 1) / multiple * multiple;
  }

  private static int arrayLength(int rows, int columns) {
    try {
      return Math.multiplyExact(rows, columns);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Too many embeddings, at most 2^31 values fit, found %d rows of %d dimensions (padded)",
              rows,
              columns),
          e);
    }
  }
}
