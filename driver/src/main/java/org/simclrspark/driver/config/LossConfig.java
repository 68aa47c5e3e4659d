package org.simclrspark.driver.config;

/**
 * The contrastive loss.
 *
 * @param temperature tau, which divides the similarities
 */
public record LossConfig(double temperature) {

  static LossConfig read(Section section) {
    return new LossConfig(section.real("temperature", Range.between(0.01, 100)));
  }
}
