package org.simclrspark.loss;

import static org.simclrspark.loss.VectorTypes.FLOATS;
import static org.simclrspark.loss.VectorTypes.FLOAT_CLASS;
import static org.simclrspark.loss.VectorTypes.LANES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The weights of a tile in the gradient: W_ij = P_ij + P_ji - 2 Y_ij, with P_ij = exp(S_ij -
 * lse_i), W_ii = 0 and Y the pairing of positives.
 *
 * <p>Each row has a factor and an integer shift, 2^(shift - BIAS - lse_i / ln 2), so that rounding
 * lse_i to float32 costs no accuracy. Under the common shift one exponential serves both rows of a
 * pair.
 */
final class PairWeights {
  private final Embeddings z;
  private final TemperatureScale scale;
  private final double[] logNormalisers;
  private final float[] factors;
  private final float[] shifts;

  PairWeights(Embeddings z, TemperatureScale scale, double[] logNormalisers) {
    this.z = z;
    this.scale = scale;
    this.logNormalisers = logNormalisers;
    this.factors = new float[z.paddedRows()];
    this.shifts = new float[z.paddedRows()];
    Arrays.fill(shifts, scale.commonShift());
    for (int row = 0; row < z.rows(); row++) {
      double exponent = logNormalisers[row] / Math.log(2);
      if (!scale.hasCommonShift()) {
        shifts[row] = (float) Math.rint(exponent);
      }
      factors[row] = (float) Math.pow(2, shifts[row] - Exponential.BIAS - exponent);
    }
  }

  /** Replaces the inner products of a tile by the weights. */
  void apply(SimilarityTile tile) {
    for (int i = 0; i < tile.rows; i++) {
      if (scale.hasCommonShift()) {
        weighRow(tile, i);
      } else {
        weighRowByOwnShifts(tile, i);
      }
    }
    for (int i = 0; i < tile.rows; i++) {
      int row = tile.firstRow + i;
      if (tile.hasColumn(row) && row < z.rows()) {
        tile.values[SimilarityTile.at(i, row - tile.firstColumn)] = 0;
        tile.values[SimilarityTile.at(i, (row ^ 1) - tile.firstColumn)] = positiveWeight(row);
      }
    }
  }

  /** P_ij + P_ji - 2 in double precision, exact also where both are nearly 1. */
  private float positiveWeight(int row) {
    double similarity = scale.similarity(z.positiveDot(row));
    return (float)
        (Math.expm1(similarity - logNormalisers[row])
            + Math.expm1(similarity - logNormalisers[row ^ 1]));
  }

  private void weighRow(SimilarityTile tile, int i) {
    float[] values = tile.values;
    int start = SimilarityTile.at(i, 0);
    int first = tile.firstColumn;
    FloatVector factor = FloatVector.broadcast(FLOATS, scale.scale());
    FloatVector offset = FloatVector.broadcast(FLOATS, -scale.commonShift());
    FloatVector own = FloatVector.broadcast(FLOATS, factors[tile.firstRow + i]);
    for (int j = 0; j < tile.columns; j += LANES) {
      FloatVector dot = FloatVector.fromArray(FLOATS, values, start + j);
      FloatVector both = FloatVector.fromArray(FLOATS, factors, first + j).add(own);
      FloatVector weight = Exponential.exp2(dot.fma(factor, offset)).mul(both);
      ((FloatVector) FLOAT_CLASS.cast(weight)).intoArray(values, start + j);
    }
  }

  private void weighRowByOwnShifts(SimilarityTile tile, int i) {
    float[] values = tile.values;
    int start = SimilarityTile.at(i, 0);
    int first = tile.firstColumn;
    FloatVector factor = FloatVector.broadcast(FLOATS, scale.scale());
    FloatVector ownOffset = FloatVector.broadcast(FLOATS, -shifts[tile.firstRow + i]);
    FloatVector own = FloatVector.broadcast(FLOATS, factors[tile.firstRow + i]);
    for (int j = 0; j < tile.columns; j += LANES) {
      FloatVector dot = FloatVector.fromArray(FLOATS, values, start + j);
      FloatVector shift = FloatVector.fromArray(FLOATS, shifts, first + j);
      FloatVector other = FloatVector.fromArray(FLOATS, factors, first + j);
      FloatVector asAnchor = Exponential.exp2(dot.fma(factor, ownOffset));
      FloatVector asNegative = Exponential.exp2(dot.fma(factor, shift.neg()));
      FloatVector weight = asAnchor.mul(own).add(asNegative.mul(other));
      ((FloatVector) FLOAT_CLASS.cast(weight)).intoArray(values, start + j);
    }
  }
}
