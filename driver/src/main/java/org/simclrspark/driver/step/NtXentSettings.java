package org.simclrspark.driver.step;

import java.io.Serializable;
import org.simclrspark.loss.ContrastiveLoss;
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

  /** The loss for the task on this thread. */
  ContrastiveLoss create() {
    return Losses.of(engines, temperature);
  }
}
