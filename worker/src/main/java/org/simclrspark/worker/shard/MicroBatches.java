package org.simclrspark.worker.shard;

/**
 * How the images that a shard has left are split into micro-batches: those of the first views, then
 * those of the second views.
 *
 * <p>Without damaged images all have the configured size. Otherwise they are as equal as they can
 * be and at least 2, because batch norm makes zeros of a single view; only two where one would be
 * left over, and the configured size is 2, become three.
 */
public final class MicroBatches {

  private final int images;
  private final int perView;

  /**
   * Splits a shard.
   *
   * @param images that the shard has left, which may be none
   * @param microBatch views in a micro-batch, as configured
   */
  public MicroBatches(int images, int microBatch) {
    int fewest = Math.min(2, microBatch);
    this.images = images < fewest ? 0 : images;
    int count = (this.images + microBatch - 1) / microBatch;
    this.perView = count > 0 && this.images / count < fewest ? count - 1 : count;
  }

  /** Images that take part: all, but a single one only where micro-batches of one are wanted. */
  public int images() {
    return images;
  }

  /** Number of micro-batches. */
  public int count() {
    return 2 * perView;
  }

  /** Views in the micro-batch. */
  public int size(int index) {
    return start(index % perView + 1) - start(index % perView);
  }

  /** Which of the two views the micro-batch holds, 0 or 1. */
  public int view(int index) {
    return index / perView;
  }

  /** The first image of the micro-batch, counted among those that take part. */
  public int firstImage(int index) {
    return start(index % perView);
  }

  /** Row, within the shard, of the micro-batch's i-th view. */
  public int row(int index, int i) {
    return 2 * (firstImage(index) + i) + view(index);
  }

  private int start(int index) {
    return (int) ((long) images * index / perView);
  }
}
