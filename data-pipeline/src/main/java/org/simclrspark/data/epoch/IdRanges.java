package org.simclrspark.data.epoch;

import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.PartitionPruningRDD;
import org.simclrspark.data.ImageRecord;
import scala.Function1;
import scala.Tuple2;

/** A dataset in the order of its ids: partition p holds the ids from p times a size on. */
public final class IdRanges {
  private final JavaPairRDD<Long, byte[]> sorted;

  private IdRanges(JavaPairRDD<Long, byte[]> sorted) {
    this.sorted = sorted;
  }

  /**
   * Sets up the shuffle.
   *
   * @param images with ids 0 to count - 1
   * @param size images in a partition
   */
  public static IdRanges of(JavaRDD<ImageRecord> images, long count, int size) {
    int partitions = Math.toIntExact((count + size - 1) / size);
    return new IdRanges(
        images
            .mapToPair(image -> new Tuple2<>(image.id(), RecordCodec.encode(image)))
            .repartitionAndSortWithinPartitions(new RangePartitioner(partitions, size)));
  }

  /** Some of the partitions, in this order. */
  public JavaRDD<ImageRecord> partitions(List<Integer> wanted) {
    Set<Integer> set = new HashSet<>(wanted);
    Function1<Object, Object> isWanted =
        (Function1<Object, Object> & Serializable) partition -> set.contains((int) partition);
    JavaRDD<Tuple2<Long, byte[]>> pruned =
        PartitionPruningRDD.create(sorted.rdd(), isWanted).toJavaRDD();
    return pruned.map(image -> RecordCodec.decode(image._2()));
  }

  private static final class RangePartitioner extends Partitioner {
    private final int partitions;
    private final int size;

    RangePartitioner(int partitions, int size) {
      this.partitions = partitions;
      this.size = size;
    }

    @Override
    public int numPartitions() {
      return partitions;
    }

    @Override
    public int getPartition(Object id) {
      return (int) Math.min((long) id / size, partitions - 1L);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof RangePartitioner that
          && partitions == that.partitions
          && size == that.size;
    }

    @Override
    public int hashCode() {
      return 31 * partitions + size;
    }
  }
}
