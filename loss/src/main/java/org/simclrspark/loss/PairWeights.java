package org.simclrspark.loss;

import static org.simclrspark.loss.TileKernels.TILE;
import static org.simclrspark.loss.TileKernels.TILE_STRIDE;
import static org.simclrspark.loss.vector.VectorTypes.FLOATS;
import static org.simclrspark.loss.vector.VectorTypes.FLOAT_CLASS;
import static org.simclrspark.loss.vector.VectorTypes.LANES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.simclrspark.loss.vector.Exponential;

/**
 * The weights of a tile in the gradient: W_ij = P_ij + P_ji - 2 Y_ij, with P_ij = exp(S_ij -
 * lse_i), W_ii = 0 and Y the pairing of positives.
 *
 * <p>Each row has a factor and an integer shift, 2^(shift - BIAS - lse_i / ln 2), so that rounding
 * lse_i to float32 costs no accuracy. Under the common shift one exponential serves both rows of a
 * pair.
 */
public final class PairWeights {
  /** Rows taken together. */
  static final int STRIP = 4;

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

  /** Replaces the inner products of a tile by the weights; scratch holds STRIP * TILE floats. */
  void apply(SimilarityTile tile, float[] scratch) {
    for (int i = 0; i < tile.rows; i += STRIP) {
      for (int r = 0; r < STRIP; r++) {
        int start = SimilarityTile.at(i + r, 0);
        float shift = shifts[tile.firstRow + i + r];
        Exponential.exp2(tile.values, start, scale.scale(), shift, scratch, r * TILE, tile.columns);
      }
      if (scale.hasCommonShift()) {
        weighStrip(tile, i, scratch);
      } else {
        weighStripByOwnShifts(tile, i, scratch);
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

  private float positiveWeight(int row) {
    return ofPositive(
        scale.similarity(z.positiveDot(row)), logNormalisers[row], logNormalisers[row ^ 1]);
  }

  /**
   * The weight of a pair of positives, P_ij + P_ji - 2, exact also where both are nearly 1.
   *
   * @param similarity S_ij
   */
  public static float ofPositive(
      double similarity, double logNormaliser, double logNormaliserOfPositive) {
    return (float)
        (Math.expm1(similarity - logNormaliser) + Math.expm1(similarity - logNormaliserOfPositive));
  }

  /** Weights from the exponentials of a strip of rows under the common shift. */
  private void weighStrip(SimilarityTile tile, int i, float[] exponentials) {
    float[] weights = tile.values;
    int start = SimilarityTile.at(i, 0);
    int row = tile.firstRow + i;
    int first = tile.firstColumn;
    int end = tile.columns;
    FloatVector own0 = FloatVector.broadcast(FLOATS, factors[row]);
    FloatVector own1 = FloatVector.broadcast(FLOATS, factors[row + 1]);
    FloatVector own2 = FloatVector.broadcast(FLOATS, factors[row + 2]);
    FloatVector own3 = FloatVector.broadcast(FLOATS, factors[row + 3]);
    for (int j = 0; j < end; j += LANES) {
      FloatVector other = FloatVector.fromArray(FLOATS, factors, first + j);
      FloatVector both0 = (FloatVector) FLOAT_CLASS.cast(other.add(own0));
      both0 =
          (FloatVector) FLOAT_CLASS.cast(both0.mul(FloatVector.fromArray(FLOATS, exponentials, j)));
      both0.intoArray(weights, start + j);
      FloatVector both1 = (FloatVector) FLOAT_CLASS.cast(other.add(own1));
      both1 =
          (FloatVector)
              FLOAT_CLASS.cast(both1.mul(FloatVector.fromArray(FLOATS, exponentials, TILE + j)));
      both1.intoArray(weights, start + TILE_STRIDE + j);
      FloatVector both2 = (FloatVector) FLOAT_CLASS.cast(other.add(own2));
      both2 =
          (FloatVector)
              FLOAT_CLASS.cast(
                  both2.mul(FloatVector.fromArray(FLOATS, exponentials, 2 * TILE + j)));
      both2.intoArray(weights, start + 2 * TILE_STRIDE + j);
      FloatVector both3 = (FloatVector) FLOAT_CLASS.cast(other.add(own3));
      both3 =
          (FloatVector)
              FLOAT_CLASS.cast(
                  both3.mul(FloatVector.fromArray(FLOATS, exponentials, 3 * TILE + j)));
      both3.intoArray(weights, start + 3 * TILE_STRIDE + j);
    }
  }

  /** Weights from the exponentials of a strip of rows, each under its row's shift. */
  private void weighStripByOwnShifts(SimilarityTile tile, int i, float[] exponentials) {
    float[] values = tile.values;
    int first = tile.firstColumn;
    for (int r = 0; r < STRIP; r++) {
      int start = SimilarityTile.at(i + r, 0);
      for (int j = 0; j < tile.columns; j++) {
        values[start + j] = Math.fma(values[start + j], scale.scale(), -shifts[first + j]);
      }
      Exponential.exp2(values, start, 1, 0, values, start, tile.columns);
      float own = factors[tile.firstRow + i + r];
      for (int j = 0; j < tile.columns; j++) {
        values[start + j] =
            exponentials[r * TILE + j] * own + values[start + j] * factors[first + j];
      }
    }
  }
}
