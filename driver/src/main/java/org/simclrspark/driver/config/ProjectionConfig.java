package org.simclrspark.driver.config;

/**
 * The projection head g.
 *
 * @param layers 1 to 3
 * @param hidden units of its hidden layers
 * @param dim d, length of an embedding
 */
public record ProjectionConfig(int layers, int hidden, int dim) {

  static ProjectionConfig read(Section section) {
    Range units = Range.between(1, 65536);
    return new ProjectionConfig(
        section.integer("layers", Range.between(1, 3)),
        section.integer("hidden", units),
        section.integer("dim", units));
  }
}
