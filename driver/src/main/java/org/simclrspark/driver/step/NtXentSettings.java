package org.simclrspark.driver.step;

import java.io.Serializable;
import org.simclrspark.loss.NtXent;

/**
 * What tasks need to compute the loss.
 *
 * @param dimension d, of an embedding
 * @param temperature tau, above 0
 * @param threads of a task
 */
public record NtXentSettings(int dimension, double temperature, int threads)
    implements Serializable {

  NtXent create() {
    return new NtXent(temperature, threads);
  }
}
