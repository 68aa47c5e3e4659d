package org.simclrspark.driver.step;

import java.io.Serializable;
import java.util.Iterator;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.worker.shard.ShardViews;

/** Makes the two views of every image of a shard. */
@FunctionalInterface
public interface ViewMaker extends Serializable {

  /**
   * The views of a shard.
   *
   * @param epoch which keys the augmentation
   * @param images of the shard, in the order of their slots
   */
  ShardViews views(int epoch, Iterator<ImageRecord> images);
}
