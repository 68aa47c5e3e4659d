package org.simclrspark.data.epoch;

import java.io.Serializable;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.PartitionPruningRDD;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;
import scala.Function1;
import scala.Tuple2;

/**
 * The images of an epoch, shuffled once into the order of its {@link EpochPlan}: partition {@code
 * step * S + shard} holds a shard's images in the order of their slots. A step runs on its S
 * partitions alone, and lineage recovers any of them that gets lost.
 */
public final class EpochShards implements AutoCloseable {
  private final EpochPlan plan;
  private final JavaPairRDD<Long, byte[]> shuffled;

  private EpochShards(EpochPlan plan, JavaPairRDD<Long, byte[]> shuffled) {
    this.plan = plan;
    this.shuffled = shuffled;
  }

  /**
   * Sets up the shuffle, which runs with the first step.
   *
   * @param images every image of the dataset, once, with dense ids, in any order and partitioning
   */
  public static EpochShards of(JavaRDD<ImageRecord> images, EpochPlan plan) {
    JavaPairRDD<Long, byte[]> positioned =
        images
            .mapToPair(image -> new Tuple2<>(plan.position(image.id()), image))
            .filter(pair -> plan.isUsed(pair._1()))
            .mapValues(RecordCodec::encode);
    ShardPartitioner partitioner =
        new ShardPartitioner(plan.steps() * plan.shards(), plan.shardSize());
    return new EpochShards(plan, positioned.repartitionAndSortWithinPartitions(partitioner));
  }

  /** The plan that these shards follow. */
  public EpochPlan plan() {
    return plan;
  }

  /**
   * The images of a step, [S partitions of K/S images]: partition = shard, order = slot.
   *
   * <p>Its tasks fail with a {@link DataException} if the dataset's ids are not 0 to M-1, each
   * once.
   *
   * @param step from 0
   */
  public JavaRDD<ImageRecord> step(int step) {
    if (step < 0 || step >= plan.steps()) {
      throw new IllegalArgumentException(
          "A step must lie in 0 to " + (plan.steps() - 1) + ", found " + step);
    }
    int first = step * plan.shards();
    int end = first + plan.shards();
    Function1<Object, Object> ofStep =
        (Function1<Object, Object> & Serializable)
            partition -> (int) partition >= first && (int) partition < end;
    JavaRDD<Tuple2<Long, byte[]>> pruned =
        PartitionPruningRDD.create(shuffled.rdd(), ofStep).toJavaRDD();
    int shardSize = plan.shardSize();
    long start = (long) step * plan.batch();
    return pruned.mapPartitionsWithIndex(
        (shard, images) -> new Shard(images, start + (long) shard * shardSize, shardSize), true);
  }

  /** Frees the shuffle's files; a later step would shuffle again. */
  @Override
  public void close() {
    shuffled.rdd().cleanShuffleDependencies(false);
  }

  /** Sends a position to partition {@code step * S + shard}. */
  private static final class ShardPartitioner extends Partitioner {
    private final int partitions;
    private final int shardSize;

    ShardPartitioner(int partitions, int shardSize) {
      this.partitions = partitions;
      this.shardSize = shardSize;
    }

    @Override
    public int numPartitions() {
      return partitions;
    }

    @Override
    public int getPartition(Object position) {
      return (int) ((long) position / shardSize);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof ShardPartitioner that
          && partitions == that.partitions
          && shardSize == that.shardSize;
    }

    @Override
    public int hashCode() {
      return 31 * partitions + shardSize;
    }
  }

  /** A shard's images, checked to be there, each once. */
  private static final class Shard implements Iterator<ImageRecord> {
    private final Iterator<Tuple2<Long, byte[]>> images;
    private final long end;
    private long expected;

    Shard(Iterator<Tuple2<Long, byte[]>> images, long start, int size) {
      this.images = images;
      this.expected = start;
      this.end = start + size;
    }

    @Override
    public boolean hasNext() {
      boolean more = images.hasNext();
      if (!more && expected < end) {
        throw invalid("the image at position " + expected + " is missing");
      }
      return more;
    }

    @Override
    public ImageRecord next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      Tuple2<Long, byte[]> image = images.next();
      if (image._1() != expected) {
        ImageRecord found = RecordCodec.decode(image._2());
        throw invalid(
            image._1() < expected
                ? "id " + found.id() + " occurs twice, also as " + found.name()
                : "the image at position " + expected + " is missing");
      }
      expected++;
      return RecordCodec.decode(image._2());
    }

    private static DataException invalid(String found) {
      return new DataException(
          "Image ids must be 0 to M-1, each once, but "
              + found
              + "; did the dataset change during the run?");
    }
  }
}
