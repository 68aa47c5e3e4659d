package org.simclrspark.loss;

/**
 * The NT-Xent loss of a batch of embeddings and its exact gradient, by ranges of rows.
 *
 * <p>With u_i = z_i / |z_i|, S_ij = u_i . u_j / temperature, lse_i = log sum over k != i of
 * exp(S_ik) and i ^ 1 the positive of row i, the loss is L = (1 / N) sum over i of (lse_i -
 * S_{i,i^1}), N = 2K. Chen et al., A Simple Framework for Contrastive Learning of Visual
 * Representations (2020), equation 1.
 */
public interface ContrastiveLoss {
  /**
   * The loss and its by-products over a range of rows, against all rows.
   *
   * @param from the first row
   * @param to the row after the last one
   * @throws IllegalArgumentException if the range is empty or not within the batch
   */
  RowStatistics rows(Embeddings z, int from, int to);

  /** The loss and its by-products over all rows. */
  RowStatistics all(Embeddings z);

  /**
   * The gradient of the whole batch's loss with respect to a range of rows, in both their roles: as
   * anchors and as everybody's negatives.
   *
   * @param logNormalisers lse of all rows, [N], in natural units
   * @param from the first row
   * @param to the row after the last one
   * @param dz receives dL/dz of the range, [to - from, d] row-major
   * @param offset where in {@code dz} the range begins
   * @throws IllegalArgumentException if the range is empty or not within the batch, a
   *     log-normaliser is missing or not finite, or {@code dz} is too short
   */
  void gradient(Embeddings z, double[] logNormalisers, int from, int to, float[] dz, int offset);

  /**
   * The gradient of the loss with respect to all rows.
   *
   * @param logNormalisers lse of all rows, [N], in natural units
   * @param dz receives dL/dz, [N, d] row-major
   */
  void gradient(Embeddings z, double[] logNormalisers, float[] dz);
}
