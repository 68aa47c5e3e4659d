package org.simclrspark.worker.libtorch;

import org.simclrspark.worker.shard.MicroBatches;

/**
 * Two orders of a shard's rows: that of its images, and that in which its micro-batches have them.
 *
 * @param batches of the shard
 * @param dimension d, values of a row
 */
record RowOrder(MicroBatches batches, int dimension) {

  /** From micro-batch by micro-batch, [2 images, d], to the order of images. */
  float[] spread(float[] byBatch) {
    float[] rows = new float[byBatch.length];
    int from = 0;
    for (int batch = 0; batch < batches.count(); batch++) {
      for (int i = 0; i < batches.size(batch); i++) {
        System.arraycopy(byBatch, from, rows, batches.row(batch, i) * dimension, dimension);
        from += dimension;
      }
    }
    return rows;
  }

  /** From the order of images, [2 images, d], to micro-batch by micro-batch. */
  float[] gather(float[] rows) {
    float[] byBatch = new float[rows.length];
    int to = 0;
    for (int batch = 0; batch < batches.count(); batch++) {
      for (int i = 0; i < batches.size(batch); i++) {
        System.arraycopy(rows, batches.row(batch, i) * dimension, byBatch, to, dimension);
        to += dimension;
      }
    }
    return byBatch;
  }
}
