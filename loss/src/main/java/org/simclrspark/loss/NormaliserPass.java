package org.simclrspark.loss;

import static org.simclrspark.loss.TileKernels.LANES;
import static org.simclrspark.loss.TileKernels.SPECIES;
import static org.simclrspark.loss.TileKernels.TILE;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Turns a tile of inner products into sums of exponentials of its rows and, where the tile stands
 * for its mirror image too, of its columns.
 *
 * <p>Sums of a tile are float32, in 16 interleaved partial sums a row whatever the lanes of the
 * machine; over tiles they are double precision. So a float32 sum never has more than TILE terms.
 */
final class NormaliserPass {
  /** Partial sums of a row. */
  private static final int PARTS = 16;

  private final Embeddings z;
  private final TemperatureScale scale;
  private final SimilarityTile tile = new SimilarityTile();
  private final float[] rowParts = new float[2 * PARTS];
  private final float[] columnSums = new float[TILE];
  private final float[] columnWeightedSums = new float[TILE];
  private final float[] columnNearest = new float[TILE];

  NormaliserPass(Embeddings z, TemperatureScale scale) {
    this.z = z;
    this.scale = scale;
  }

  /** Adds the columns of a tile to the sums of its rows. */
  void addRows(int firstRow, int rows, int firstColumn, int columns, RowSums sums) {
    tile.compute(z, firstRow, rows, firstColumn, columns, scale.maskedDot());
    maskOwnAndPositive(sums);
    for (int i = 0; i < rows; i++) {
      int row = firstRow + i;
      float nearest = largest(i);
      float shift = sums.shiftFor(row, nearest);
      sumRow(i, shift);
      sums.add(row, total(rowParts, 0), total(rowParts, PARTS), nearest);
    }
  }

  /**
   * Adds a tile above the diagonal to the sums of its rows and of its columns, under the common
   * shift.
   */
  void addRowsAndColumns(int firstRow, int firstColumn, int columns, RowSums sums) {
    tile.compute(z, firstRow, TILE, firstColumn, columns, scale.maskedDot());
    Arrays.fill(columnSums, 0);
    Arrays.fill(columnWeightedSums, 0);
    Arrays.fill(columnNearest, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < TILE; i++) {
      float nearest = sumRowAndColumns(i, scale.commonShift());
      sums.add(firstRow + i, total(rowParts, 0), total(rowParts, PARTS), nearest);
    }
    int real = Math.min(columns, z.rows() - firstColumn);
    for (int j = 0; j < real; j++) {
      sums.add(firstColumn + j, columnSums[j], columnWeightedSums[j], columnNearest[j]);
    }
  }

  private void maskOwnAndPositive(RowSums sums) {
    for (int i = 0; i < tile.rows; i++) {
      int row = tile.firstRow + i;
      if (tile.hasColumn(row)) {
        tile.values[SimilarityTile.at(i, row - tile.firstColumn)] = scale.maskedDot();
        int positive = SimilarityTile.at(i, (row ^ 1) - tile.firstColumn);
        sums.positives[row - sums.first()] = tile.values[positive];
        tile.values[positive] = scale.maskedDot();
      }
    }
  }

  private float largest(int i) {
    int start = SimilarityTile.at(i, 0);
    FloatVector largest = FloatVector.fromArray(SPECIES, tile.values, start);
    for (int j = LANES; j < tile.columns; j += LANES) {
      largest = largest.max(FloatVector.fromArray(SPECIES, tile.values, start + j));
    }
    return largest.reduceLanes(VectorOperators.MAX);
  }

  private void sumRow(int i, float shift) {
    float[] values = tile.values;
    int start = SimilarityTile.at(i, 0);
    int end = tile.columns;
    FloatVector factor = FloatVector.broadcast(SPECIES, scale.scale());
    FloatVector offset = FloatVector.broadcast(SPECIES, -shift);
    for (int part = 0; part < PARTS; part += LANES) {
      FloatVector sum = FloatVector.zero(SPECIES);
      FloatVector weighted = FloatVector.zero(SPECIES);
      for (int j = part; j < end; j += PARTS) {
        FloatVector dot = FloatVector.fromArray(SPECIES, values, start + j);
        FloatVector exponential = Exponential.exp2(dot.fma(factor, offset));
        sum = sum.add(exponential);
        weighted = dot.fma(exponential, weighted);
      }
      sum.intoArray(rowParts, part);
      weighted.intoArray(rowParts, PARTS + part);
    }
  }

  private float sumRowAndColumns(int i, float shift) {
    float[] values = tile.values;
    int start = SimilarityTile.at(i, 0);
    int end = tile.columns;
    FloatVector factor = FloatVector.broadcast(SPECIES, scale.scale());
    FloatVector offset = FloatVector.broadcast(SPECIES, -shift);
    FloatVector nearest = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
    for (int part = 0; part < PARTS; part += LANES) {
      FloatVector sum = FloatVector.zero(SPECIES);
      FloatVector weighted = FloatVector.zero(SPECIES);
      for (int j = part; j < end; j += PARTS) {
        FloatVector dot = FloatVector.fromArray(SPECIES, values, start + j);
        FloatVector exponential = Exponential.exp2(dot.fma(factor, offset));
        sum = sum.add(exponential);
        weighted = dot.fma(exponential, weighted);
        nearest = nearest.max(dot);
        FloatVector.fromArray(SPECIES, columnSums, j).add(exponential).intoArray(columnSums, j);
        dot.fma(exponential, FloatVector.fromArray(SPECIES, columnWeightedSums, j))
            .intoArray(columnWeightedSums, j);
        FloatVector.fromArray(SPECIES, columnNearest, j).max(dot).intoArray(columnNearest, j);
      }
      sum.intoArray(rowParts, part);
      weighted.intoArray(rowParts, PARTS + part);
    }
    return nearest.reduceLanes(VectorOperators.MAX);
  }

  /** The sum of the partial sums of a row, in a fixed order. */
  private static double total(float[] parts, int at) {
    float a = parts[at] + parts[at + 4] + (parts[at + 8] + parts[at + 12]);
    float b = parts[at + 1] + parts[at + 5] + (parts[at + 9] + parts[at + 13]);
    float c = parts[at + 2] + parts[at + 6] + (parts[at + 10] + parts[at + 14]);
    float d = parts[at + 3] + parts[at + 7] + (parts[at + 11] + parts[at + 15]);
    return (double) a + b + ((double) c + d);
  }
}
