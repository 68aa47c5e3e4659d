package org.simclrspark.data.epoch;

import java.io.Serializable;
import org.simclrspark.data.DataException;
import org.simclrspark.data.Mixing;

/**
 * Where every image goes in an epoch: a keyed permutation of the image ids gives each a position,
 * and the position its step, shard and slot. The images of the incomplete last step are left out of
 * this epoch.
 *
 * <p>A plan takes O(1) memory and depends on its arguments alone, never on the cluster.
 */
public final class EpochPlan implements Serializable {
  private static final long PURPOSE = 0x65706F63682E6F72L;

  private final long images;
  private final int batch;
  private final int shards;
  private final long key;
  private transient KeyedPermutation permutation;

  /**
   * Plans an epoch.
   *
   * @param images M, the number of images; their ids are 0 to M-1
   * @param batch K, images in a step
   * @param shards S, divides the batch
   * @param seed of the run
   * @param epoch from 0
   * @throws DataException if the dataset holds less than one batch
   * @throws IllegalArgumentException if the shards do not divide the batch
   */
  public EpochPlan(long images, int batch, int shards, long seed, int epoch) {
    if (shards < 1 || batch < 1 || batch % shards != 0) {
      throw new IllegalArgumentException(
          "The batch must be a positive multiple of the number of shards, found batch "
              + batch
              + " and "
              + shards
              + " shards; change one of them");
    }
    if (images < batch) {
      throw new DataException(
          "The dataset must hold at least one batch of "
              + batch
              + " images, found "
              + images
              + "; lower the batch or add images");
    }
    if (images / batch > Integer.MAX_VALUE / shards) {
      throw new IllegalArgumentException(
          "An epoch must have fewer than 2^31 shards, found "
              + images / batch
              + " steps of "
              + shards
              + "; raise the batch");
    }
    this.images = images;
    this.batch = batch;
    this.shards = shards;
    this.key = Mixing.combine(Mixing.combine(seed ^ PURPOSE, epoch), images);
  }

  /** M, the number of images. */
  public long images() {
    return images;
  }

  /** K, the number of images in a step. */
  public int batch() {
    return batch;
  }

  /** S, the number of shards in a step. */
  public int shards() {
    return shards;
  }

  /** Number of whole steps in the epoch. */
  public int steps() {
    return (int) (images / batch);
  }

  /** K/S, the number of images in a shard. */
  public int shardSize() {
    return batch / shards;
  }

  /** Position of an image in the epoch, 0 to M-1. */
  public long position(long id) {
    return permutation().apply(id);
  }

  /** The image at a position. */
  public long imageAt(long position) {
    return permutation().invert(position);
  }

  /** The images of a shard, [K/S], in the order of their slots. */
  public long[] ids(int step, int shard) {
    long[] ids = new long[shardSize()];
    long first = (long) step * batch + (long) shard * shardSize();
    for (int slot = 0; slot < ids.length; slot++) {
      ids[slot] = imageAt(first + slot);
    }
    return ids;
  }

  /** Whether the image at this position belongs to a whole step. */
  public boolean isUsed(long position) {
    return position < (long) steps() * batch;
  }

  /** Step of a position, from 0. */
  public int step(long position) {
    return (int) (position / batch);
  }

  /** Shard of a position within its step, from 0. */
  public int shard(long position) {
    return (int) (position % batch / shardSize());
  }

  /** Slot of a position within its shard, from 0. */
  public int slot(long position) {
    return (int) (position % batch % shardSize());
  }

  private KeyedPermutation permutation() {
    if (permutation == null) {
      permutation = new KeyedPermutation(images, key);
    }
    return permutation;
  }
}
