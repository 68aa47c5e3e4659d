package org.simclrspark.loss.reference;

import java.util.stream.IntStream;

/**
 * NT-Xent as its formulas read, loop by loop in double precision: what the fast implementations are
 * tested against.
 *
 * <p>u_i = z_i / |z_i|; S_ij = u_i . u_j / temperature; s(i,j) = exp(S_ij) / sum over k != i of
 * exp(S_ik); l(k) = (-log s(2k,2k+1) - log s(2k+1,2k)) / 2; L = mean over k of l(k). A loss takes
 * N^2 d steps and no N x N memory.
 */
public final class ReferenceNtXent {
  private final double[][] units;
  private final double[] norms;
  private final double temperature;
  private final double[] logNormalisers;

  /**
   * Takes the embeddings of a batch, as they are: values are not checked.
   *
   * @param z embeddings, [N, dimension] row-major; rows 2k and 2k+1 are the views of image k
   * @param dimension d
   * @param temperature tau
   */
  public ReferenceNtXent(double[] z, int dimension, double temperature) {
    int rows = z.length / dimension;
    this.units = new double[rows][dimension];
    this.norms = new double[rows];
    this.temperature = temperature;
    for (int i = 0; i < rows; i++) {
      double squares = 0;
      for (int k = 0; k < dimension; k++) {
        squares += z[i * dimension + k] * z[i * dimension + k];
      }
      norms[i] = Math.sqrt(squares);
      for (int k = 0; k < dimension; k++) {
        units[i][k] = z[i * dimension + k] / norms[i];
      }
    }
    this.logNormalisers =
        IntStream.range(0, rows).parallel().mapToDouble(this::computeLogNormaliser).toArray();
  }

  /** The number of rows, N. */
  public int rows() {
    return units.length;
  }

  /** S_ij. */
  public double similarity(int i, int j) {
    double dot = 0;
    for (int k = 0; k < units[i].length; k++) {
      dot += units[i][k] * units[j][k];
    }
    return dot / temperature;
  }

  private double computeLogNormaliser(int i) {
    double largest = Double.NEGATIVE_INFINITY;
    double sum = 0;
    for (int k = 0; k < rows(); k++) {
      if (k != i) {
        double similarity = similarity(i, k);
        if (similarity > largest) {
          sum *= Math.exp(largest - similarity);
          largest = similarity;
        }
        sum += Math.exp(similarity - largest);
      }
    }
    return largest + Math.log(sum);
  }

  /** lse_i, the logarithm of the sum over k != i of exp(S_ik). */
  public double logNormaliser(int i) {
    return logNormalisers[i];
  }

  /** -log s(i,j). */
  public double negativeLogProbability(int i, int j) {
    return logNormalisers[i] - similarity(i, j);
  }

  /** s(i,j), the probability of row j given row i; 0 for i = j. */
  public double probability(int i, int j) {
    return i == j ? 0 : Math.exp(-negativeLogProbability(i, j));
  }

  /** l(k), the loss of image k. */
  public double imageLoss(int k) {
    return (negativeLogProbability(2 * k, 2 * k + 1) + negativeLogProbability(2 * k + 1, 2 * k))
        / 2;
  }

  /** L, the mean of l(k). */
  public double loss() {
    double sum = 0;
    for (int k = 0; k < rows() / 2; k++) {
      sum += imageLoss(k);
    }
    return sum / (rows() / 2);
  }

  /** The entropy of row i's probabilities. */
  public double entropy(int i) {
    double sum = 0;
    for (int j = 0; j < rows(); j++) {
      if (j != i) {
        sum += probability(i, j) * negativeLogProbability(i, j);
      }
    }
    return sum;
  }

  /** Whether the positive of row i is nearer than every other row. */
  public boolean positiveIsNearest(int i) {
    for (int j = 0; j < rows(); j++) {
      if (j != i && j != (i ^ 1) && similarity(i, j) >= similarity(i, i ^ 1)) {
        return false;
      }
    }
    return true;
  }

  /** dL/dz_i, [d]: row i as an anchor and as everybody's negative. */
  public double[] gradient(int i) {
    int dimension = units[i].length;
    double[] du = new double[dimension];
    for (int j = 0; j < rows(); j++) {
      double weight = probability(i, j) + probability(j, i) - (j == (i ^ 1) ? 2 : 0);
      for (int k = 0; k < dimension; k++) {
        du[k] += weight * units[j][k] / (rows() * temperature);
      }
    }
    double alongUnit = 0;
    for (int k = 0; k < dimension; k++) {
      alongUnit += du[k] * units[i][k];
    }
    double[] dz = new double[dimension];
    for (int k = 0; k < dimension; k++) {
      dz[k] = (du[k] - alongUnit * units[i][k]) / norms[i];
    }
    return dz;
  }
}
