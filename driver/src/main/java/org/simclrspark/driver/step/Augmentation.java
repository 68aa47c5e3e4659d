package org.simclrspark.driver.step;

import java.util.Arrays;
import java.util.Iterator;
import java.util.Objects;
import org.apache.spark.TaskContext;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.augment.AugmentSettings;
import org.simclrspark.data.augment.Augmenter;
import org.simclrspark.data.decode.DamagedImageException;
import org.simclrspark.data.decode.DecodeLimits;
import org.simclrspark.data.decode.ImageDecoder;
import org.simclrspark.worker.shard.DamagedImage;
import org.simclrspark.worker.shard.ShardViews;

/**
 * Makes views by random augmentation, keyed by seed, epoch, image and view: by all threads of the
 * task, with the same result for any number of them.
 *
 * @param settings of the augmentation
 * @param limits beyond which an image counts as damaged
 * @param seed of the run
 * @param imagesPerShard K/S
 * @param skipDamaged whether images that cannot be decoded are left out; otherwise they are a
 *     {@link DataException}
 */
public record Augmentation(
    AugmentSettings settings,
    DecodeLimits limits,
    long seed,
    int imagesPerShard,
    boolean skipDamaged)
    implements ViewMaker {

  private static final String REMEDY =
      "replace or remove it, or go on without damaged images: data.damaged = skip";

  @Override
  public ShardViews views(int epoch, Iterator<ImageRecord> images) {
    // The reader starts here, on the task's own thread: it closes its files when the task ends.
    if (!images.hasNext()) {
      throw new IllegalArgumentException(
          "A shard must have " + imagesPerShard + " images, found none");
    }
    Slots slots = new Slots(epoch, images);
    TaskContext task = TaskContext.get();
    Parallel.run(task == null ? 1 : Math.min(task.cpus(), imagesPerShard), slots::fill);
    return slots.views();
  }

  /** The views of a shard while they are made, by any number of threads. */
  private final class Slots {
    private final int epoch;
    private final Iterator<ImageRecord> images;
    private final int length = settings.viewBytes();
    private final byte[] first = new byte[Math.multiplyExact(imagesPerShard, length)];
    private final byte[] second = new byte[first.length];
    private final DamagedImage[] damaged = new DamagedImage[imagesPerShard];
    private final DamagedImage[] repaired = new DamagedImage[imagesPerShard];
    private int taken;

    Slots(int epoch, Iterator<ImageRecord> images) {
      this.epoch = epoch;
      this.images = images;
    }

    private record Slot(int number, ImageRecord image) {}

    private synchronized Slot take() {
      return taken == imagesPerShard ? null : new Slot(taken++, images.next());
    }

    /** Makes views until none is left to make. */
    void fill() {
      Augmenter augmenter = new Augmenter(settings, limits);
      for (Slot slot = take(); slot != null; slot = take()) {
        int offset = slot.number * length;
        try {
          augmenter.tryViews(slot.image, seed, epoch, first, offset, second, offset);
          repaired[slot.number] = repair(augmenter, slot.image);
        } catch (DamagedImageException e) {
          if (!skipDamaged) {
            throw ImageDecoder.failure(slot.image, e, REMEDY);
          }
          damaged[slot.number] = new DamagedImage(slot.image.name(), e.getMessage());
        }
      }
    }

    private static DamagedImage repair(Augmenter augmenter, ImageRecord image) {
      return augmenter.repair().map(reason -> new DamagedImage(image.name(), reason)).orElse(null);
    }

    /** Closes the gaps of damaged images. */
    ShardViews views() {
      int intact = 0;
      for (int slot = 0; slot < imagesPerShard; slot++) {
        if (damaged[slot] == null) {
          if (slot > intact) {
            System.arraycopy(first, slot * length, first, intact * length, length);
            System.arraycopy(second, slot * length, second, intact * length, length);
          }
          intact++;
        }
      }
      return new ShardViews(
          intact,
          used(first, intact),
          used(second, intact),
          Arrays.stream(damaged).filter(Objects::nonNull).toList(),
          Arrays.stream(repaired).filter(Objects::nonNull).toList());
    }

    private byte[] used(byte[] views, int images) {
      return images == imagesPerShard ? views : Arrays.copyOf(views, images * length);
    }
  }
}
