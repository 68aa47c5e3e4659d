package org.simclrspark.driver.step;

import java.io.Serializable;
import org.simclrspark.loss.ContrastiveLoss;
import org.simclrspark.loss.Embeddings;
import org.simclrspark.loss.RowStatistics;
import org.simclrspark.worker.Losses;
import org.simclrspark.worker.engine.EngineSettings;

/**
 * What tasks need to compute the loss.
 *
 * @param dimension d, of an embedding
 * @param temperature tau, above 0
 * @param engines how the encoder is computed: the loss is where it is
 */
public record NtXentSettings(int dimension, double temperature, EngineSettings engines)
    implements Serializable {

  /** The loss and its by-products over the rows of the task on this thread. */
  RowStatistics rows(Embeddings z, int from, int to) {
    ContrastiveLoss loss = Losses.of(engines, temperature);
    return isAll(z, from, to) ? loss.all(z) : loss.rows(z, from, to);
  }

  /** dL/dz of the rows of the task on this thread, [to - from, d], row-major. */
  float[] gradient(Embeddings z, double[] logNormalisers, int from, int to) {
    ContrastiveLoss loss = Losses.of(engines, temperature);
    float[] dz = new float[(to - from) * dimension];
    if (isAll(z, from, to)) {
      loss.gradient(z, logNormalisers, dz);
    } else {
      loss.gradient(z, logNormalisers, from, to, dz, 0);
    }
    return dz;
  }

  /** A task that owns all rows computes each similarity once for both its rows. */
  private static boolean isAll(Embeddings z, int from, int to) {
    return from == 0 && to == z.rows();
  }
}
