package org.simclrspark.driver.step;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.augment.AugmentSettings;
import org.simclrspark.data.augment.Augmenter;
import org.simclrspark.data.decode.DamagedImageException;
import org.simclrspark.data.decode.ImageDecoder;
import org.simclrspark.worker.DamagedImage;
import org.simclrspark.worker.ShardViews;

/**
 * Makes views by random augmentation, keyed by seed, epoch, image and view.
 *
 * @param settings of the augmentation
 * @param seed of the run
 * @param imagesPerShard K/S
 * @param skipDamaged whether images that cannot be decoded are left out; otherwise they are a
 *     {@link DataException}
 */
public record Augmentation(
    AugmentSettings settings, long seed, int imagesPerShard, boolean skipDamaged)
    implements ViewMaker {

  private static final String REMEDY =
      "mend or remove it, or go on without damaged images: data.damaged = skip";

  @Override
  public ShardViews views(int epoch, Iterator<ImageRecord> images) {
    Augmenter augmenter = new Augmenter(settings);
    int length = settings.viewBytes();
    byte[] first = new byte[Math.multiplyExact(imagesPerShard, length)];
    byte[] second = new byte[first.length];
    List<DamagedImage> damaged = new ArrayList<>();
    int intact = 0;
    for (int slot = 0; slot < imagesPerShard; slot++) {
      ImageRecord image = images.next();
      try {
        augmenter.tryViews(image, seed, epoch, first, intact * length, second, intact * length);
        intact++;
      } catch (DamagedImageException e) {
        if (!skipDamaged) {
          throw ImageDecoder.failure(image, e, REMEDY);
        }
        damaged.add(new DamagedImage(image.name(), e.getMessage()));
      }
    }
    return new ShardViews(intact, used(first, intact), used(second, intact), damaged);
  }

  private byte[] used(byte[] views, int images) {
    int length = images * settings.viewBytes();
    return length == views.length ? views : Arrays.copyOf(views, length);
  }
}
