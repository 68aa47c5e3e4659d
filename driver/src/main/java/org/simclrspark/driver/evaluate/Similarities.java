package org.simclrspark.driver.evaluate;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Dot products of a group of queries with a group of training rows. Each product is summed value by
 * value with fused multiply-add, in single precision, so that it does not depend on where in their
 * groups the two rows stand.
 */
final class Similarities {

  /** Queries in a group. */
  static final int QUERIES = 4;

  /** Training rows in a group. */
  static final int ROWS = 16;

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_256;
  private static final int HALF = SPECIES.length();

  private Similarities() {}

  /**
   * Computes one tile.
   *
   * @param queries packed in groups of {@link #QUERIES}, from {@code queryOffset} on
   * @param rows packed in groups of {@link #ROWS}, from {@code rowOffset} on
   * @param size values in a row
   * @param products receives [QUERIES, ROWS], row-major
   */
  static void tile(
      float[] queries, int queryOffset, float[] rows, int rowOffset, int size, float[] products) {
    FloatVector low0 = FloatVector.zero(SPECIES);
    FloatVector high0 = low0;
    FloatVector low1 = low0;
    FloatVector high1 = low0;
    FloatVector low2 = low0;
    FloatVector high2 = low0;
    FloatVector low3 = low0;
    FloatVector high3 = low0;
    int query = queryOffset;
    int row = rowOffset;
    for (int k = 0; k < size; k++) {
      FloatVector low = FloatVector.fromArray(SPECIES, rows, row);
      FloatVector high = FloatVector.fromArray(SPECIES, rows, row + HALF);
      FloatVector value = FloatVector.broadcast(SPECIES, queries[query]);
      low0 = low.fma(value, low0);
      high0 = high.fma(value, high0);
      value = FloatVector.broadcast(SPECIES, queries[query + 1]);
      low1 = low.fma(value, low1);
      high1 = high.fma(value, high1);
      value = FloatVector.broadcast(SPECIES, queries[query + 2]);
      low2 = low.fma(value, low2);
      high2 = high.fma(value, high2);
      value = FloatVector.broadcast(SPECIES, queries[query + 3]);
      low3 = low.fma(value, low3);
      high3 = high.fma(value, high3);
      query += QUERIES;
      row += ROWS;
    }
    low0.intoArray(products, 0);
    high0.intoArray(products, HALF);
    low1.intoArray(products, ROWS);
    high1.intoArray(products, ROWS + HALF);
    low2.intoArray(products, 2 * ROWS);
    high2.intoArray(products, 2 * ROWS + HALF);
    low3.intoArray(products, 3 * ROWS);
    high3.intoArray(products, 3 * ROWS + HALF);
  }
}
