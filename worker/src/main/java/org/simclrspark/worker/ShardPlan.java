package org.simclrspark.worker;

import java.io.Serializable;

/**
 * How a step's images are split: a step into shards, a shard into micro-batches.
 *
 * <p>Image k of the step has the rows 2k and 2k+1 in Z. A shard owns a run of images, hence a run
 * of rows. A micro-batch holds the first views of some images, or their second views, never both:
 * batch norm then cannot leak which two views belong together.
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

  /** N = 2K, rows of Z. */
  public int rows() {
    return Math.multiplyExact(2, batch);
  }

  /** First row of a shard in Z. */
  public int firstRow(int shard) {
    return 2 * imagesPerShard() * shard;
  }

  /** Rows of a shard. */
  public int rowsPerShard() {
    return 2 * imagesPerShard();
  }

  /** Micro-batches of a shard: those of the first views, then those of the second views. */
  public int microBatches() {
    return rowsPerShard() / microBatch;
  }

  /** Which of the two views the micro-batch holds, 0 or 1. */
  public int view(int index) {
    return index / (imagesPerShard() / microBatch);
  }

  /** The first image of the micro-batch, counted within the shard. */
  public int firstImage(int index) {
    return index % (imagesPerShard() / microBatch) * microBatch;
  }

  /** Row, within the shard, of the micro-batch's i-th view. */
  public int row(int index, int i) {
    return 2 * (firstImage(index) + i) + view(index);
  }
}
