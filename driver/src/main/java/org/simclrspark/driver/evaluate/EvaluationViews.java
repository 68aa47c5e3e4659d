package org.simclrspark.driver.evaluate;

import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.augment.AugmentSettings;
import org.simclrspark.data.augment.Augmenter;
import scala.Tuple2;

/**
 * The evaluation views of a dataset, in blocks of consecutive ids: partition p holds ids p B to (p
 * + 1) B - 1 in order, whatever the partitioning of the images. Decoded and shuffled once, on first
 * use; later uses read the shuffle's files.
 */
public final class EvaluationViews implements AutoCloseable {

  private static final int IMAGES_IN_BLOCK = 1024;
  private static final long FLOAT_BYTES_IN_BLOCK = 256L << 20;

  private final int imageSize;
  private final int blockSize;
  private final JavaPairRDD<Long, LabelledView> views;
  private final int[] labels;

  private EvaluationViews(
      int imageSize, int blockSize, JavaPairRDD<Long, LabelledView> views, int[] labels) {
    this.imageSize = imageSize;
    this.blockSize = blockSize;
    this.views = views;
    this.labels = labels;
  }

  /**
   * Decodes a dataset and reads its labels.
   *
   * @param images with ids 0 to count - 1, each once
   * @param count number of images
   * @param settings say how an evaluation view is made
   * @throws DataException if the ids are not 0 to count - 1, each once
   */
  public static EvaluationViews of(
      JavaRDD<ImageRecord> images, long count, AugmentSettings settings) {
    int blockSize = blockSize(settings.size());
    int blocks = Math.toIntExact((count + blockSize - 1) / blockSize);
    JavaPairRDD<Long, LabelledView> views =
        images
            .mapPartitionsToPair(partition -> views(partition, settings))
            .repartitionAndSortWithinPartitions(
                new BlockPartitioner(Math.max(1, blocks), blockSize));
    return new EvaluationViews(settings.size(), blockSize, views, labels(views, count));
  }

  /** Number of images M. */
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
    return views.mapValues(LabelledView::pixels);
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
      Iterator<ImageRecord> images, AugmentSettings settings) {
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
        augmenter.evaluationView(image, pixels, 0);
        return new Tuple2<>(image.id(), new LabelledView(image.label(), pixels));
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
