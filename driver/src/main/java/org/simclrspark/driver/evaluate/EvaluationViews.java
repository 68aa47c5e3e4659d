package org.simclrspark.driver.evaluate;

import java.io.Serializable;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.augment.AugmentSettings;
import org.simclrspark.data.augment.Augmenter;
import org.simclrspark.data.decode.DamagedImageException;
import org.simclrspark.data.decode.ImageDecoder;
import org.simclrspark.driver.config.DataConfig.Damaged;
import scala.Tuple2;

/**
 * The evaluation views of a dataset, in blocks of consecutive ids: partition p holds ids p B to (p
 * + 1) B - 1 in order, whatever the partitioning of the images. Where damaged images are skipped,
 * the others are numbered anew, without gaps. Decoded and shuffled once, on first use; later uses
 * read the shuffle's files.
 */
public final class EvaluationViews implements AutoCloseable {

  private static final int IMAGES_IN_BLOCK = 1024;
  private static final long FLOAT_BYTES_IN_BLOCK = 256L << 20;

  /** Stands for a label where the image is skipped. */
  private static final int DAMAGED = -2;

  private final int imageSize;
  private final int blockSize;
  private final JavaPairRDD<Long, LabelledView> views;
  private final int[] labels;
  private final long[] damaged;

  private EvaluationViews(
      int imageSize,
      int blockSize,
      JavaPairRDD<Long, LabelledView> views,
      int[] labels,
      long[] damaged) {
    this.imageSize = imageSize;
    this.blockSize = blockSize;
    this.views = views;
    this.labels = labels;
    this.damaged = damaged;
  }

  /**
   * Decodes a dataset and reads its labels.
   *
   * @param images with ids 0 to count - 1, each once
   * @param count number of images
   * @param classes names, whose places in the list are the labels
   * @param settings say how an evaluation view is made
   * @param damagedImages whether images that cannot be decoded are left out
   * @throws DataException if the ids are not 0 to count - 1, each once, or an image that must not
   *     be left out cannot be decoded
   */
  public static EvaluationViews of(
      JavaRDD<ImageRecord> images,
      long count,
      List<String> classes,
      AugmentSettings settings,
      Damaged damagedImages) {
    int blockSize = blockSize(settings.size());
    int blocks = Math.toIntExact((count + blockSize - 1) / blockSize);
    JavaPairRDD<Long, LabelledView> views =
        images
            .mapPartitionsToPair(partition -> views(partition, classes, settings, damagedImages))
            .repartitionAndSortWithinPartitions(
                new BlockPartitioner(Math.max(1, blocks), blockSize));
    int[] all = labels(views, count);
    IntPredicate isDamaged = id -> all[id] == DAMAGED;
    return new EvaluationViews(
        settings.size(),
        blockSize,
        views,
        IntStream.of(all).filter(label -> label != DAMAGED).toArray(),
        IntStream.range(0, all.length).filter(isDamaged).asLongStream().toArray());
  }

  /** As the other {@code of}, where every image must be readable. */
  public static EvaluationViews of(
      JavaRDD<ImageRecord> images, long count, List<String> classes, AugmentSettings settings) {
    return of(images, count, classes, settings, Damaged.FAIL);
  }

  /** Number of images M, without those that are skipped. */
  public int count() {
    return labels.length;
  }

  /** Side of a view, in pixels. */
  public int imageSize() {
    return imageSize;
  }

  /** Class indices by id, or -1 without one, [count]. */
  int[] labels() {
    return labels.clone();
  }

  /** Ids 0 to count - 1. */
  long[] ids() {
    long[] ids = new long[labels.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = i;
    }
    return ids;
  }

  /** Pixels by id, [3, size, size] unsigned bytes each. */
  JavaPairRDD<Long, byte[]> pixels() {
    if (damaged.length == 0) {
      return views.mapValues(LabelledView::pixels);
    }
    long[] skipped = damaged;
    return views
        .filter(view -> view._2().label() != DAMAGED)
        .mapToPair(view -> new Tuple2<>(numberedAnew(view._1(), skipped), view._2().pixels()));
  }

  private static long numberedAnew(long id, long[] skipped) {
    return id + Arrays.binarySearch(skipped, id) + 1;
  }

  /** Images in every block but the last. */
  int blockSize() {
    return blockSize;
  }

  /** Frees the shuffle's files; a later use would decode and shuffle again. */
  @Override
  public void close() {
    views.rdd().cleanShuffleDependencies(false);
  }

  private static Iterator<Tuple2<Long, LabelledView>> views(
      Iterator<ImageRecord> images,
      List<String> classes,
      AugmentSettings settings,
      Damaged damagedImages) {
    Map<String, Integer> labels = new HashMap<>();
    classes.forEach(name -> labels.put(name, labels.size()));
    Augmenter augmenter = new Augmenter(settings);
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return images.hasNext();
      }

      @Override
      public Tuple2<Long, LabelledView> next() {
        ImageRecord image = images.next();
        byte[] pixels = new byte[settings.viewBytes()];
        try {
          augmenter.tryEvaluationView(image, pixels, 0);
        } catch (DamagedImageException e) {
          if (damagedImages == Damaged.FAIL) {
            throw ImageDecoder.failure(image, e);
          }
          return new Tuple2<>(image.id(), new LabelledView(DAMAGED, new byte[0]));
        }
        return new Tuple2<>(
            image.id(), new LabelledView(labels.getOrDefault(image.label(), -1), pixels));
      }
    };
  }

  /** A power of two, which a batch of a power of two divides. */
  private static int blockSize(int imageSize) {
    long bytes = (long) Float.BYTES * 3 * imageSize * imageSize;
    long fitting = Math.max(1, FLOAT_BYTES_IN_BLOCK / bytes);
    return (int) Math.min(IMAGES_IN_BLOCK, Long.highestOneBit(fitting));
  }

  private static int[] labels(JavaPairRDD<Long, LabelledView> views, long count) {
    List<Tuple2<Long, Integer>> found = views.mapValues(LabelledView::label).collect();
    if (found.size() != count) {
      throw new DataException(
          "The dataset must have " + count + " images, found " + found.size() + "; did it change?");
    }
    int[] labels = new int[found.size()];
    for (int i = 0; i < labels.length; i++) {
      if (found.get(i)._1() != i) {
        throw new DataException(
            "Image ids must be 0 to "
                + (count - 1)
                + ", each once, found "
                + found.get(i)._1()
                + " in place of "
                + i);
      }
      labels[i] = found.get(i)._2();
    }
    return labels;
  }

  private record LabelledView(int label, byte[] pixels) implements Serializable {}

  /** Sends ids beyond the last block, which are an error, to the last block. */
  private static final class BlockPartitioner extends Partitioner {
    private final int blocks;
    private final int blockSize;

    BlockPartitioner(int blocks, int blockSize) {
      this.blocks = blocks;
      this.blockSize = blockSize;
    }

    @Override
    public int numPartitions() {
      return blocks;
    }

    @Override
    public int getPartition(Object id) {
      return (int) Math.min((long) id / blockSize, blocks - 1L);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof BlockPartitioner that
          && blocks == that.blocks
          && blockSize == that.blockSize;
    }

    @Override
    public int hashCode() {
      return 31 * blocks + blockSize;
    }
  }
}
