package org.simclrspark.driver.step;

import java.util.Iterator;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.augment.AugmentSettings;
import org.simclrspark.data.augment.Augmenter;
import org.simclrspark.worker.ShardViews;

/**
 * Makes views by random augmentation, keyed by seed, epoch, image and view.
 *
 * @param settings of the augmentation
 * @param seed of the run
 * @param imagesPerShard K/S
 */
public record Augmentation(AugmentSettings settings, long seed, int imagesPerShard)
    implements ViewMaker {

  @Override
  public ShardViews views(int epoch, Iterator<ImageRecord> images) {
    Augmenter augmenter = new Augmenter(settings);
    int length = settings.viewBytes();
    byte[] first = new byte[Math.multiplyExact(imagesPerShard, length)];
    byte[] second = new byte[first.length];
    for (int slot = 0; slot < imagesPerShard; slot++) {
      augmenter.views(images.next(), seed, epoch, first, slot * length, second, slot * length);
    }
    return new ShardViews(first, second);
  }
}
