package org.simclrspark.worker.shard;

import java.io.Serializable;

/**
 * How a step's images are split: a step into shards, a shard into {@link MicroBatches}.
 *
 * <p>Image k of the step has the rows 2k and 2k+1 in Z, counted without those that are damaged and
 * left out. A shard owns a run of images, hence a run of rows. A micro-batch holds the first views
 * of some images, or their second views, never both: batch norm then cannot leak which two views
 * belong together.
 *
 * @param batch K, images in a step
 * @param shards S, which divides K
 * @param microBatch views in a micro-batch, which divides K/S
 */
public record ShardPlan(int batch, int shards, int microBatch) implements Serializable {

  public ShardPlan {
    if (batch < 2 || shards < 1 || batch % shards != 0) {
      throw new IllegalArgumentException(
          "Shards must divide the batch of at least 2 images, found batch "
              + batch
              + " and shards "
              + shards);
    }
    if (microBatch < 1 || batch / shards % microBatch != 0) {
      throw new IllegalArgumentException(
          "The micro-batch must divide the images of a shard, "
              + batch / shards
              + ", found "
              + microBatch);
    }
  }

  /** Images in a shard. */
  public int imagesPerShard() {
    return batch / shards;
  }
}
