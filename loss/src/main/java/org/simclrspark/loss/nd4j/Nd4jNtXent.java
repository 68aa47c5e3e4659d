package org.simclrspark.loss.nd4j;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.simclrspark.loss.Checks;
import org.simclrspark.loss.ContrastiveLoss;
import org.simclrspark.loss.Embeddings;
import org.simclrspark.loss.NtXent;
import org.simclrspark.loss.RowStatistics;
import org.simclrspark.loss.RowSums;
import org.simclrspark.loss.TemperatureScale;
import org.simclrspark.loss.vector.Exponential;

/**
 * {@link ContrastiveLoss} in operations of ND4J, which run on its CPU backend and on CUDA.
 *
 * <p>Blocks of similarities are whole arrays, so that a GPU is filled; memory is about five blocks
 * of {@link #BLOCK_ROWS} x {@link #BLOCK_COLUMNS} floats and O(N d). On CPUs {@link NtXent} is
 * faster. Immutable.
 */
public final class Nd4jNtXent implements ContrastiveLoss {
  static final int BLOCK_ROWS = 1024;
  static final int BLOCK_COLUMNS = 4096;

  /** Products of one row in blocks of different shapes differ by at most this. */
  private static final float ROUNDING = 1e-6f;

  private final double temperature;
  private final TemperatureScale scale;

  /**
   * Creates the loss.
   *
   * @param temperature tau, at least {@link NtXent#LOWEST_TEMPERATURE}
   * @throws IllegalArgumentException if the temperature is out of range
   */
  public Nd4jNtXent(double temperature) {
    Checks.temperature(temperature);
    this.temperature = temperature;
    this.scale = new TemperatureScale(temperature);
  }

  @Override
  public RowStatistics all(Embeddings z) {
    return rows(z, 0, z.rows());
  }

  @Override
  public RowStatistics rows(Embeddings z, int from, int to) {
    Checks.range(z, from, to);
    RowSums sums = new RowSums(scale, from, to - from);
    INDArray units = units(z);
    for (int row = from; row < to; row += BLOCK_ROWS) {
      int rows = Math.min(BLOCK_ROWS, to - row);
      float[] positives = new float[rows];
      float[] nearest = new float[rows];
      Arrays.fill(nearest, Float.NEGATIVE_INFINITY);
      for (int column = 0; column < z.rows(); column += BLOCK_COLUMNS) {
        int columns = Math.min(BLOCK_COLUMNS, z.rows() - column);
        INDArray dots = dots(units, row, rows, column, columns);
        maskOwnAndPositive(dots, row, column, positives);
        addBlock(dots, row, nearest, sums);
      }
      for (int i = 0; i < rows; i++) {
        boolean nearer = nearest[i] + ROUNDING < positives[i];
        sums.nearerPositive[row + i - from] = nearer ? -1 : 0;
      }
    }
    return sums.statistics(z, from, to);
  }

  private void addBlock(INDArray dots, int row, float[] nearest, RowSums sums) {
    float[] nearestHere = dots.max(1).toFloatVector();
    float[] shifts = new float[nearest.length];
    for (int i = 0; i < nearest.length; i++) {
      nearest[i] = Math.max(nearest[i], nearestHere[i]);
      if (!scale.hasCommonShift()) {
        sums.raiseShift(row + i, (float) Math.ceil(nearest[i] * scale.scale()));
      }
      shifts[i] = sums.shifts[row + i - sums.first()];
    }
    INDArray exponentials = exponentials(dots, Nd4j.createFromArray(shifts), true);
    float[] sum = exponentials.sum(1).toFloatVector();
    float[] weighted = exponentials.muli(dots).sum(1).toFloatVector();
    double bias = Math.pow(2, Exponential.BIAS);
    for (int i = 0; i < nearest.length; i++) {
      sums.add(row + i, bias * sum[i], bias * weighted[i], -1);
    }
  }

  @Override
  public void gradient(Embeddings z, double[] logNormalisers, float[] dz) {
    gradient(z, logNormalisers, 0, z.rows(), dz, 0);
  }

  @Override
  public void gradient(
      Embeddings z, double[] logNormalisers, int from, int to, float[] dz, int offset) {
    Checks.range(z, from, to);
    Checks.logNormalisers(z, logNormalisers);
    Checks.gradient(z, to - from, dz, offset);
    float[] shifts = new float[z.rows()];
    float[] factors = new float[z.rows()];
    for (int row = 0; row < z.rows(); row++) {
      double exponent = logNormalisers[row] / Math.log(2);
      shifts[row] = (float) Math.rint(exponent);
      factors[row] = (float) Math.pow(2, shifts[row] - exponent);
    }
    INDArray units = units(z);
    for (int row = from; row < to; row += BLOCK_ROWS) {
      int rows = Math.min(BLOCK_ROWS, to - row);
      INDArray ownShifts = vector(shifts, row, rows);
      INDArray ownFactors = vector(factors, row, rows);
      INDArray sums = Nd4j.zeros(DataType.FLOAT, rows, z.dimension());
      for (int column = 0; column < z.rows(); column += BLOCK_COLUMNS) {
        int columns = Math.min(BLOCK_COLUMNS, z.rows() - column);
        INDArray dots = dots(units, row, rows, column, columns);
        maskOwnAndPositive(dots, row, column, new float[rows]);
        INDArray weights = exponentials(dots, ownShifts, true).muliColumnVector(ownFactors);
        weights.addi(
            exponentials(dots, vector(shifts, column, columns), false)
                .muliRowVector(vector(factors, column, columns)));
        addPositives(weights, row, column, z, logNormalisers);
        sums.addi(weights.mmul(block(units, column, columns)));
      }
      float[] values = sums.ravel().toFloatVector();
      for (int i = 0; i < rows; i++) {
        int to0 = offset + (row + i - from) * z.dimension();
        writeGradient(z, row + i, values, i * z.dimension(), dz, to0);
      }
    }
  }

  private void writeGradient(Embeddings z, int row, float[] sums, int at, float[] dz, int offset) {
    double alongUnit = 0;
    for (int k = 0; k < z.dimension(); k++) {
      alongUnit += (double) sums[at + k] * z.unit(row, k);
    }
    double factor = z.inverseNorm(row) / (z.rows() * temperature);
    for (int k = 0; k < z.dimension(); k++) {
      dz[offset + k] = (float) (factor * (sums[at + k] - alongUnit * z.unit(row, k)));
    }
  }

  /** The unit vectors, [N, d]. */
  private static INDArray units(Embeddings z) {
    float[] values = new float[z.rows() * z.dimension()];
    for (int row = 0; row < z.rows(); row++) {
      for (int k = 0; k < z.dimension(); k++) {
        values[row * z.dimension() + k] = z.unit(row, k);
      }
    }
    return Nd4j.createFromArray(values).reshape('c', z.rows(), z.dimension());
  }

  private static INDArray block(INDArray units, int first, int rows) {
    return units.get(NDArrayIndex.interval(first, first + rows), NDArrayIndex.all());
  }

  private static INDArray dots(INDArray units, int row, int rows, int column, int columns) {
    INDArray dots = Nd4j.createUninitialized(DataType.FLOAT, new long[] {rows, columns}, 'c');
    return block(units, row, rows).mmuli(block(units, column, columns).transpose(), dots);
  }

  /** 2^(scale * dot - shift), with a shift for each row or each column. */
  private INDArray exponentials(INDArray dots, INDArray shifts, boolean ofRows) {
    INDArray exponents = dots.mul(scale.scale());
    if (ofRows) {
      exponents.subiColumnVector(shifts);
    } else {
      exponents.subiRowVector(shifts);
    }
    return Transforms.exp(exponents.muli(Math.log(2)), false);
  }

  private static INDArray vector(float[] values, int first, int count) {
    return Nd4j.createFromArray(Arrays.copyOfRange(values, first, first + count));
  }

  /** Masks what a row's sums leave out; keeps the inner products with the positives. */
  private void maskOwnAndPositive(INDArray dots, int firstRow, int firstColumn, float[] positives) {
    long columns = dots.size(1);
    for (int i = 0; i < positives.length; i++) {
      int own = firstRow + i - firstColumn;
      int positive = ((firstRow + i) ^ 1) - firstColumn;
      if (own >= 0 && own < columns) {
        dots.putScalar(i, own, scale.maskedDot());
      }
      if (positive >= 0 && positive < columns) {
        positives[i] = dots.getFloat(i, positive);
        dots.putScalar(i, positive, scale.maskedDot());
      }
    }
  }

  private void addPositives(
      INDArray weights, int firstRow, int firstColumn, Embeddings z, double[] logNormalisers) {
    long columns = weights.size(1);
    for (int i = 0; i < weights.size(0); i++) {
      int row = firstRow + i;
      int positive = (row ^ 1) - firstColumn;
      if (positive >= 0 && positive < columns) {
        double similarity = scale.similarity(z.positiveDot(row));
        weights.putScalar(
            i,
            positive,
            Math.expm1(similarity - logNormalisers[row])
                + Math.expm1(similarity - logNormalisers[row ^ 1]));
      }
    }
  }
}
