package org.simclrspark.loss;

import static org.simclrspark.loss.TileKernels.TILE;
import static org.simclrspark.loss.TileKernels.TILE_STRIDE;
import static org.simclrspark.loss.vector.VectorTypes.FLOATS;
import static org.simclrspark.loss.vector.VectorTypes.FLOAT_CLASS;
import static org.simclrspark.loss.vector.VectorTypes.INTS;
import static org.simclrspark.loss.vector.VectorTypes.INT_CLASS;
import static org.simclrspark.loss.vector.VectorTypes.LANES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import org.simclrspark.loss.vector.Exponential;

/**
 * Turns a tile of inner products into sums of exponentials of its rows and, where the tile stands
 * for its mirror image too, of its columns.
 *
 * <p>Sums of a tile are float32, in 16 interleaved partial sums a row whatever the lanes of the
 * machine; over tiles they are double precision. A column takes a strip of rows at a time. So a
 * float32 sum has at most TILE / STRIP terms, each of them at most STRIP exponentials: few enough
 * that equal terms, whose roundings all go the same way, stay within 1e-6 of the sum.
 */
final class NormaliserPass {
  /** Partial sums of a row. */
  private static final int PARTS = 16;

  /** Rows taken together. */
  private static final int STRIP = 4;

  private final Embeddings z;
  private final TemperatureScale scale;
  private final SimilarityTile tile = new SimilarityTile();
  private final float[] rowPositives = new float[TILE];
  private final float[] exponentials = new float[STRIP * TILE];
  private final float[] rowSums = new float[STRIP * PARTS];
  private final float[] rowWeightedSums = new float[STRIP * PARTS];
  private final int[] rowsNearer = new int[STRIP * PARTS];
  private final float[] columnPositives = new float[TILE];
  private final float[] columnSums = new float[TILE];
  private final float[] columnWeightedSums = new float[TILE];
  private final int[] columnsNearer = new int[TILE];

  NormaliserPass(Embeddings z, TemperatureScale scale) {
    this.z = z;
    this.scale = scale;
  }

  /** Adds the columns of a tile to the sums of its rows; the sums of columns are not used. */
  void addRows(int firstRow, int rows, int firstColumn, int columns, RowSums sums) {
    tile.compute(z, firstRow, rows, firstColumn, columns, scale.maskedDot());
    maskOwnAndPositive();
    copyPositives(firstRow, rows, rowPositives);
    for (int i = 0; i < rows; i += STRIP) {
      if (!scale.hasCommonShift()) {
        raiseShifts(i, sums);
      }
      exponentiate(i, sums);
      sum(i);
      compare(i);
      addStrip(firstRow + i, sums);
    }
  }

  /**
   * Adds a tile above the diagonal to the sums of its rows and of its columns, under the common
   * shift.
   */
  void addRowsAndColumns(int firstRow, int firstColumn, int columns, RowSums sums) {
    tile.compute(z, firstRow, TILE, firstColumn, columns, scale.maskedDot());
    copyPositives(firstRow, TILE, rowPositives);
    copyPositives(firstColumn, columns, columnPositives);
    Arrays.fill(columnSums, 0);
    Arrays.fill(columnWeightedSums, 0);
    Arrays.fill(columnsNearer, -1);
    for (int i = 0; i < TILE; i += STRIP) {
      exponentiate(i, sums);
      sum(i);
      compare(i);
      addStrip(firstRow + i, sums);
    }
    int real = Math.min(columns, z.rows() - firstColumn);
    for (int j = 0; j < real; j++) {
      sums.add(firstColumn + j, columnSums[j], columnWeightedSums[j], columnsNearer[j]);
    }
  }

  private void maskOwnAndPositive() {
    for (int i = 0; i < tile.rows; i++) {
      int row = tile.firstRow + i;
      if (tile.hasColumn(row)) {
        tile.values[SimilarityTile.at(i, row - tile.firstColumn)] = scale.maskedDot();
        tile.values[SimilarityTile.at(i, (row ^ 1) - tile.firstColumn)] = scale.maskedDot();
      }
    }
  }

  private void copyPositives(int first, int count, float[] to) {
    for (int i = 0; i < count; i++) {
      to[i] = first + i < z.rows() ? z.positiveSimilarity(first + i) : 0;
    }
  }

  private void raiseShifts(int i, RowSums sums) {
    float[] dots = tile.values;
    int start = SimilarityTile.at(i, 0);
    FloatVector largest0 = FloatVector.fromArray(FLOATS, dots, start);
    FloatVector largest1 = FloatVector.fromArray(FLOATS, dots, start + 1 * TILE_STRIDE);
    FloatVector largest2 = FloatVector.fromArray(FLOATS, dots, start + 2 * TILE_STRIDE);
    FloatVector largest3 = FloatVector.fromArray(FLOATS, dots, start + 3 * TILE_STRIDE);
    for (int j = LANES; j < tile.columns; j += LANES) {
      FloatVector dot0 = FloatVector.fromArray(FLOATS, dots, start + j);
      largest0 = (FloatVector) FLOAT_CLASS.cast(dot0.max((FloatVector) FLOAT_CLASS.cast(largest0)));
      FloatVector dot1 = FloatVector.fromArray(FLOATS, dots, start + 1 * TILE_STRIDE + j);
      largest1 = (FloatVector) FLOAT_CLASS.cast(dot1.max((FloatVector) FLOAT_CLASS.cast(largest1)));
      FloatVector dot2 = FloatVector.fromArray(FLOATS, dots, start + 2 * TILE_STRIDE + j);
      largest2 = (FloatVector) FLOAT_CLASS.cast(dot2.max((FloatVector) FLOAT_CLASS.cast(largest2)));
      FloatVector dot3 = FloatVector.fromArray(FLOATS, dots, start + 3 * TILE_STRIDE + j);
      largest3 = (FloatVector) FLOAT_CLASS.cast(dot3.max((FloatVector) FLOAT_CLASS.cast(largest3)));
    }
    raiseShift(
        i + 0, ((FloatVector) FLOAT_CLASS.cast(largest0)).reduceLanes(VectorOperators.MAX), sums);
    raiseShift(
        i + 1, ((FloatVector) FLOAT_CLASS.cast(largest1)).reduceLanes(VectorOperators.MAX), sums);
    raiseShift(
        i + 2, ((FloatVector) FLOAT_CLASS.cast(largest2)).reduceLanes(VectorOperators.MAX), sums);
    raiseShift(
        i + 3, ((FloatVector) FLOAT_CLASS.cast(largest3)).reduceLanes(VectorOperators.MAX), sums);
  }

  private void raiseShift(int i, float largestDot, RowSums sums) {
    sums.raiseShift(tile.firstRow + i, (float) Math.ceil(largestDot * scale.scale()));
  }

  private void addStrip(int row, RowSums sums) {
    for (int r = 0; r < STRIP; r++) {
      int nearer = -1;
      for (int part = r * PARTS; part < (r + 1) * PARTS; part++) {
        nearer &= rowsNearer[part];
      }
      sums.add(row + r, total(rowSums, r), total(rowWeightedSums, r), nearer);
    }
  }

  /** The sum of the partial sums of a row, in a fixed order. */
  private static double total(float[] parts, int row) {
    int at = row * PARTS;
    float a = parts[at] + parts[at + 4] + (parts[at + 8] + parts[at + 12]);
    float b = parts[at + 1] + parts[at + 5] + (parts[at + 9] + parts[at + 13]);
    float c = parts[at + 2] + parts[at + 6] + (parts[at + 10] + parts[at + 14]);
    float d = parts[at + 3] + parts[at + 7] + (parts[at + 11] + parts[at + 15]);
    return (double) a + b + ((double) c + d);
  }

  private void exponentiate(int i, RowSums sums) {
    for (int r = 0; r < STRIP; r++) {
      float shift = sums.shifts[tile.firstRow + i + r - sums.first()];
      int start = SimilarityTile.at(i + r, 0);
      Exponential.exp2(
          tile.values, start, scale.scale(), shift, exponentials, r * TILE, tile.columns);
    }
  }

  /** Sums a strip of rows, and adds it to the sums of the columns. */
  private void sum(int i) {
    float[] dots = tile.values;
    int start = SimilarityTile.at(i, 0);
    int end = tile.columns;
    for (int part = 0; part < PARTS; part += LANES) {
      FloatVector sum0 = FloatVector.zero(FLOATS);
      FloatVector weighted0 = FloatVector.zero(FLOATS);
      FloatVector sum1 = FloatVector.zero(FLOATS);
      FloatVector weighted1 = FloatVector.zero(FLOATS);
      FloatVector sum2 = FloatVector.zero(FLOATS);
      FloatVector weighted2 = FloatVector.zero(FLOATS);
      FloatVector sum3 = FloatVector.zero(FLOATS);
      FloatVector weighted3 = FloatVector.zero(FLOATS);
      for (int j = part; j < end; j += PARTS) {
        FloatVector dot0 = FloatVector.fromArray(FLOATS, dots, start + j);
        FloatVector e0 = FloatVector.fromArray(FLOATS, exponentials, j);
        sum0 = (FloatVector) FLOAT_CLASS.cast(e0.add((FloatVector) FLOAT_CLASS.cast(sum0)));
        weighted0 =
            (FloatVector) FLOAT_CLASS.cast(dot0.fma(e0, (FloatVector) FLOAT_CLASS.cast(weighted0)));
        FloatVector ofStrip = e0;
        FloatVector weightedOfStrip = (FloatVector) FLOAT_CLASS.cast(dot0.mul(e0));
        FloatVector dot1 = FloatVector.fromArray(FLOATS, dots, start + 1 * TILE_STRIDE + j);
        FloatVector e1 = FloatVector.fromArray(FLOATS, exponentials, 1 * TILE + j);
        sum1 = (FloatVector) FLOAT_CLASS.cast(e1.add((FloatVector) FLOAT_CLASS.cast(sum1)));
        weighted1 =
            (FloatVector) FLOAT_CLASS.cast(dot1.fma(e1, (FloatVector) FLOAT_CLASS.cast(weighted1)));
        ofStrip = (FloatVector) FLOAT_CLASS.cast(e1.add(ofStrip));
        weightedOfStrip = (FloatVector) FLOAT_CLASS.cast(dot1.fma(e1, weightedOfStrip));
        FloatVector dot2 = FloatVector.fromArray(FLOATS, dots, start + 2 * TILE_STRIDE + j);
        FloatVector e2 = FloatVector.fromArray(FLOATS, exponentials, 2 * TILE + j);
        sum2 = (FloatVector) FLOAT_CLASS.cast(e2.add((FloatVector) FLOAT_CLASS.cast(sum2)));
        weighted2 =
            (FloatVector) FLOAT_CLASS.cast(dot2.fma(e2, (FloatVector) FLOAT_CLASS.cast(weighted2)));
        ofStrip = (FloatVector) FLOAT_CLASS.cast(e2.add(ofStrip));
        weightedOfStrip = (FloatVector) FLOAT_CLASS.cast(dot2.fma(e2, weightedOfStrip));
        FloatVector dot3 = FloatVector.fromArray(FLOATS, dots, start + 3 * TILE_STRIDE + j);
        FloatVector e3 = FloatVector.fromArray(FLOATS, exponentials, 3 * TILE + j);
        sum3 = (FloatVector) FLOAT_CLASS.cast(e3.add((FloatVector) FLOAT_CLASS.cast(sum3)));
        weighted3 =
            (FloatVector) FLOAT_CLASS.cast(dot3.fma(e3, (FloatVector) FLOAT_CLASS.cast(weighted3)));
        ofStrip = (FloatVector) FLOAT_CLASS.cast(e3.add(ofStrip));
        weightedOfStrip = (FloatVector) FLOAT_CLASS.cast(dot3.fma(e3, weightedOfStrip));
        ((FloatVector) FLOAT_CLASS.cast(FloatVector.fromArray(FLOATS, columnSums, j).add(ofStrip)))
            .intoArray(columnSums, j);
        ((FloatVector)
                FLOAT_CLASS.cast(
                    FloatVector.fromArray(FLOATS, columnWeightedSums, j).add(weightedOfStrip)))
            .intoArray(columnWeightedSums, j);
      }
      ((FloatVector) FLOAT_CLASS.cast(sum0)).intoArray(rowSums, part);
      ((FloatVector) FLOAT_CLASS.cast(weighted0)).intoArray(rowWeightedSums, part);
      ((FloatVector) FLOAT_CLASS.cast(sum1)).intoArray(rowSums, 1 * PARTS + part);
      ((FloatVector) FLOAT_CLASS.cast(weighted1)).intoArray(rowWeightedSums, 1 * PARTS + part);
      ((FloatVector) FLOAT_CLASS.cast(sum2)).intoArray(rowSums, 2 * PARTS + part);
      ((FloatVector) FLOAT_CLASS.cast(weighted2)).intoArray(rowWeightedSums, 2 * PARTS + part);
      ((FloatVector) FLOAT_CLASS.cast(sum3)).intoArray(rowSums, 3 * PARTS + part);
      ((FloatVector) FLOAT_CLASS.cast(weighted3)).intoArray(rowWeightedSums, 3 * PARTS + part);
    }
  }

  /** Compares a strip of rows with the positives of the rows, and of the columns. */
  private void compare(int i) {
    float[] dots = tile.values;
    int start = SimilarityTile.at(i, 0);
    int end = tile.columns;
    FloatVector positive0 = FloatVector.broadcast(FLOATS, rowPositives[i]);
    FloatVector positive1 = FloatVector.broadcast(FLOATS, rowPositives[i + 1]);
    FloatVector positive2 = FloatVector.broadcast(FLOATS, rowPositives[i + 2]);
    FloatVector positive3 = FloatVector.broadcast(FLOATS, rowPositives[i + 3]);
    for (int part = 0; part < PARTS; part += LANES) {
      IntVector nearer0 = IntVector.broadcast(INTS, -1);
      IntVector nearer1 = IntVector.broadcast(INTS, -1);
      IntVector nearer2 = IntVector.broadcast(INTS, -1);
      IntVector nearer3 = IntVector.broadcast(INTS, -1);
      for (int j = part; j < end; j += PARTS) {
        FloatVector columnPositive = FloatVector.fromArray(FLOATS, columnPositives, j);
        IntVector columnNearer = IntVector.fromArray(INTS, columnsNearer, j);
        FloatVector dot0 = FloatVector.fromArray(FLOATS, dots, start + j);
        IntVector toRow0 = signs(dot0, positive0);
        nearer0 = (IntVector) INT_CLASS.cast(toRow0.and((IntVector) INT_CLASS.cast(nearer0)));
        columnNearer = (IntVector) INT_CLASS.cast(signs(dot0, columnPositive).and(columnNearer));
        FloatVector dot1 = FloatVector.fromArray(FLOATS, dots, start + 1 * TILE_STRIDE + j);
        IntVector toRow1 = signs(dot1, positive1);
        nearer1 = (IntVector) INT_CLASS.cast(toRow1.and((IntVector) INT_CLASS.cast(nearer1)));
        columnNearer = (IntVector) INT_CLASS.cast(signs(dot1, columnPositive).and(columnNearer));
        FloatVector dot2 = FloatVector.fromArray(FLOATS, dots, start + 2 * TILE_STRIDE + j);
        IntVector toRow2 = signs(dot2, positive2);
        nearer2 = (IntVector) INT_CLASS.cast(toRow2.and((IntVector) INT_CLASS.cast(nearer2)));
        columnNearer = (IntVector) INT_CLASS.cast(signs(dot2, columnPositive).and(columnNearer));
        FloatVector dot3 = FloatVector.fromArray(FLOATS, dots, start + 3 * TILE_STRIDE + j);
        IntVector toRow3 = signs(dot3, positive3);
        nearer3 = (IntVector) INT_CLASS.cast(toRow3.and((IntVector) INT_CLASS.cast(nearer3)));
        columnNearer = (IntVector) INT_CLASS.cast(signs(dot3, columnPositive).and(columnNearer));
        columnNearer.intoArray(columnsNearer, j);
      }
      ((IntVector) INT_CLASS.cast(nearer0)).intoArray(rowsNearer, part);
      ((IntVector) INT_CLASS.cast(nearer1)).intoArray(rowsNearer, 1 * PARTS + part);
      ((IntVector) INT_CLASS.cast(nearer2)).intoArray(rowsNearer, 2 * PARTS + part);
      ((IntVector) INT_CLASS.cast(nearer3)).intoArray(rowsNearer, 3 * PARTS + part);
    }
  }

  /** Negative where a dot is less than that of the positive. */
  private static IntVector signs(FloatVector dot, FloatVector positive) {
    FloatVector difference = (FloatVector) FLOAT_CLASS.cast(dot.sub(positive));
    return (IntVector) INT_CLASS.cast(difference.reinterpretAsInts());
  }
}
