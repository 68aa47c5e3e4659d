package org.simclrspark.loss;

import static org.simclrspark.loss.Embeddings.PANEL;

/**
 * How much of the unit sphere the embeddings of a batch fill, to show collapse.
 *
 * @param standardDeviation mean over dimensions of the standard deviation of the unit vectors: 0
 *     where all are the same, about 1 / sqrt(d) where they are spread evenly
 * @param effectiveRank exp of the entropy of the singular values of the matrix of unit vectors [N,
 *     d], divided by their sum: from 1 to d. Roy and Vetterli, The effective rank (2007)
 */
public record EmbeddingStatistics(double standardDeviation, double effectiveRank) {

  /** Computes the statistics in double precision, in N d^2 steps. */
  public static EmbeddingStatistics of(Embeddings z) {
    int dimension = z.dimension();
    double[] unit = new double[dimension];
    double[] mean = new double[dimension];
    double[][] products = new double[dimension][dimension];
    for (int row = 0; row < z.rows(); row++) {
      copyUnit(z, row, unit);
      for (int a = 0; a < dimension; a++) {
        mean[a] += unit[a] / z.rows();
        double[] product = products[a];
        double value = unit[a];
        for (int b = 0; b <= a; b++) {
          product[b] += value * unit[b];
        }
      }
    }
    double[] variance = new double[dimension];
    for (int row = 0; row < z.rows(); row++) {
      copyUnit(z, row, unit);
      for (int k = 0; k < dimension; k++) {
        variance[k] += (unit[k] - mean[k]) * (unit[k] - mean[k]) / z.rows();
      }
    }
    double deviations = 0;
    for (double value : variance) {
      deviations += Math.sqrt(value);
    }
    return new EmbeddingStatistics(deviations / dimension, effectiveRank(products));
  }

  private static void copyUnit(Embeddings z, int row, double[] unit) {
    float[] panels = z.dimensionPanels();
    for (int begin = 0; begin < unit.length; begin += PANEL) {
      int at = z.dimensionPanel(begin / PANEL, row);
      int end = Math.min(PANEL, unit.length - begin);
      for (int k = 0; k < end; k++) {
        unit[begin + k] = panels[at + k];
      }
    }
  }

  /** Of the matrix A, from its products A^T A (lower triangle; overwritten). */
  private static double effectiveRank(double[][] products) {
    double[] singular = SymmetricEigenvalues.of(products);
    double sum = 0;
    for (int k = 0; k < singular.length; k++) {
      singular[k] = Math.sqrt(Math.max(0, singular[k]));
      sum += singular[k];
    }
    double entropy = 0;
    for (double value : singular) {
      if (value > 0) {
        entropy -= value / sum * Math.log(value / sum);
      }
    }
    return Math.exp(entropy);
  }
}
