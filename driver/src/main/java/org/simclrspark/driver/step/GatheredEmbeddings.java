package org.simclrspark.driver.step;

import java.io.Serializable;
import org.simclrspark.loss.Embeddings;
import org.simclrspark.worker.shard.RawFloats;

/** The embeddings of a batch on their way to all tasks; each JVM normalises them once. */
final class GatheredEmbeddings implements Serializable {

  private static final long serialVersionUID = 1;

  private final RawFloats z;
  private final int dimension;
  private transient Embeddings normalised;

  /**
   * @param z [N, dimension], row-major
   * @param dimension d
   */
  GatheredEmbeddings(float[] z, int dimension) {
    this.z = new RawFloats(z);
    this.dimension = dimension;
  }

  synchronized Embeddings normalised() {
    if (normalised == null) {
      normalised = Embeddings.of(z.values(), dimension);
    }
    return normalised;
  }
}
