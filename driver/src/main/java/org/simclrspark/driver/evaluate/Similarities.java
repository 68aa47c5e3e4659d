package org.simclrspark.driver.evaluate;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.Vector;
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

  /** Once other code of the JVM has used other vectors, casts keep the compiler sure of these. */
  private static final Class<? extends Vector<Float>> TYPE = SPECIES.vectorType();

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
      low0 = (FloatVector) TYPE.cast(low.fma(value, (FloatVector) TYPE.cast(low0)));
      high0 = (FloatVector) TYPE.cast(high.fma(value, (FloatVector) TYPE.cast(high0)));
      value = FloatVector.broadcast(SPECIES, queries[query + 1]);
      low1 = (FloatVector) TYPE.cast(low.fma(value, (FloatVector) TYPE.cast(low1)));
      high1 = (FloatVector) TYPE.cast(high.fma(value, (FloatVector) TYPE.cast(high1)));
      value = FloatVector.broadcast(SPECIES, queries[query + 2]);
      low2 = (FloatVector) TYPE.cast(low.fma(value, (FloatVector) TYPE.cast(low2)));
      high2 = (FloatVector) TYPE.cast(high.fma(value, (FloatVector) TYPE.cast(high2)));
      value = FloatVector.broadcast(SPECIES, queries[query + 3]);
      low3 = (FloatVector) TYPE.cast(low.fma(value, (FloatVector) TYPE.cast(low3)));
      high3 = (FloatVector) TYPE.cast(high.fma(value, (FloatVector) TYPE.cast(high3)));
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
