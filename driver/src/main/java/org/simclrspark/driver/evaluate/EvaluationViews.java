package org.simclrspark.driver.evaluate;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.augment.AugmentSettings;
import org.simclrspark.data.augment.Augmenter;
import org.simclrspark.data.decode.DamagedImageException;
import org.simclrspark.data.decode.DecodeLimits;
import org.simclrspark.data.decode.ImageDecoder;
import org.simclrspark.driver.config.DataConfig.Damaged;
import org.simclrspark.worker.shard.DamagedImage;

/**
 * Views of a dataset for evaluation, a block of consecutive ids a partition. They are made anew
 * whenever they are used: an encoder takes far longer than a decoder, and views far more room than
 * what becomes of them.
 */
public final class EvaluationViews {

  private static final int IMAGES_IN_BLOCK = 1024;
  private static final long FLOAT_BYTES_IN_BLOCK = 256L << 20;

  private final JavaRDD<ImageRecord> images;
  private final Maker maker;
  private final JavaRDD<ViewBlock> blocks;

  /** The class number of an image. */
  @FunctionalInterface
  public interface Labels extends Serializable {
    int number(ImageRecord image);
  }

  private EvaluationViews(JavaRDD<ImageRecord> images, Maker maker) {
    this.images = images;
    this.maker = maker;
    this.blocks = images.mapPartitions(block -> List.of(maker.views(block)).iterator());
  }

  /**
   * The views of some images.
   *
   * @param images in the order of ids, {@link #blockSize} of them a partition
   * @param settings say how an evaluation view is made
   * @param limits beyond which an image counts as damaged
   * @param damagedImages whether images that cannot be decoded are left out
   * @param labels numbers the classes
   */
  public static EvaluationViews of(
      JavaRDD<ImageRecord> images,
      AugmentSettings settings,
      DecodeLimits limits,
      Damaged damagedImages,
      Labels labels) {
    return new EvaluationViews(images, new Maker(settings, limits, damagedImages, labels, null));
  }

  /**
   * The same images cropped and flipped at random, with nothing done to their colours, as the
   * linear probe of Chen et al. 2020 (appendix B.6) sees training images.
   *
   * @param seed of the draws
   */
  EvaluationViews croppedAndFlipped(long seed) {
    return new EvaluationViews(
        images,
        new Maker(
            maker.settings.withColoursUntouched(),
            maker.limits,
            maker.damagedImages,
            maker.labels,
            seed));
  }

  /**
   * Images in a block, a power of two, which a batch of a power of two divides.
   *
   * @param imageSize side of a view, in pixels
   */
  public static int blockSize(int imageSize) {
    long bytes = (long) Float.BYTES * 3 * imageSize * imageSize;
    long fitting = Math.max(1, FLOAT_BYTES_IN_BLOCK / bytes);
    return (int) Math.min(IMAGES_IN_BLOCK, Long.highestOneBit(fitting));
  }

  /** Side of a view, in pixels. */
  int imageSize() {
    return maker.settings.size();
  }

  /** The views, made on use. */
  JavaRDD<ViewBlock> blocks() {
    return blocks;
  }

  /** The images that are left out; decodes all of them. */
  List<DamagedImage> damaged() {
    return blocks.flatMap(block -> block.damaged().iterator()).collect();
  }

  /**
   * Makes the views of a block.
   *
   * @param seed of random crops and flips; null for views of which nothing is random
   */
  private record Maker(
      AugmentSettings settings,
      DecodeLimits limits,
      Damaged damagedImages,
      Labels labels,
      Long seed)
      implements Serializable {

    ViewBlock views(Iterator<ImageRecord> images) {
      Augmenter augmenter = new Augmenter(settings, limits);
      int length = settings.viewBytes();
      byte[] unused = new byte[length];
      List<DamagedImage> damaged = new ArrayList<>();
      int room = 16;
      long[] ids = new long[room];
      int[] numbers = new int[room];
      byte[] pixels = new byte[room * length];
      int count = 0;
      while (images.hasNext()) {
        ImageRecord image = images.next();
        if (count == room) {
          room *= 2;
          ids = Arrays.copyOf(ids, room);
          numbers = Arrays.copyOf(numbers, room);
          pixels = Arrays.copyOf(pixels, Math.multiplyExact(room, length));
        }
        try {
          if (seed == null) {
            augmenter.tryEvaluationView(image, pixels, count * length);
          } else {
            augmenter.tryViews(image, seed, 0, pixels, count * length, unused, 0);
          }
          ids[count] = image.id();
          numbers[count] = labels.number(image);
          count++;
        } catch (DamagedImageException e) {
          if (damagedImages == Damaged.FAIL) {
            throw ImageDecoder.failure(image, e);
          }
          damaged.add(new DamagedImage(image.name(), e.getMessage()));
        }
      }
      return new ViewBlock(
          Arrays.copyOf(ids, count),
          Arrays.copyOf(numbers, count),
          Arrays.copyOf(pixels, count * length),
          settings.size(),
          damaged);
    }
  }
}
