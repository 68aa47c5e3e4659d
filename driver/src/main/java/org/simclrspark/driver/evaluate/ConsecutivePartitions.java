package org.simclrspark.driver.evaluate;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.Partition;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.PartitionCoalescer;
import org.apache.spark.rdd.PartitionGroup;
import org.apache.spark.rdd.RDD;
import scala.Option;

/**
 * Merges consecutive partitions, the same ones whatever the cluster; Spark's own way looks at where
 * they lie.
 */
final class ConsecutivePartitions implements PartitionCoalescer, scala.Serializable {

  private static final long serialVersionUID = 1;

  private ConsecutivePartitions() {}

  /** An RDD of at most {@code most} partitions, as equal in number as they can be. */
  static <T> JavaRDD<T> merge(JavaRDD<T> rdd, int most) {
    if (rdd.getNumPartitions() <= most) {
      return rdd;
    }
    return rdd.rdd()
        .coalesce(most, false, Option.apply(new ConsecutivePartitions()), null)
        .toJavaRDD();
  }

  @Override
  public PartitionGroup[] coalesce(int most, RDD<?> parent) {
    Partition[] partitions = parent.partitions();
    List<PartitionGroup> groups = new ArrayList<>();
    for (int group = 0; group < most; group++) {
      PartitionGroup merged = new PartitionGroup(Option.empty());
      int from = (int) ((long) partitions.length * group / most);
      int to = (int) ((long) partitions.length * (group + 1) / most);
      for (int i = from; i < to; i++) {
        merged.partitions().$plus$eq(partitions[i]);
      }
      groups.add(merged);
    }
    return groups.toArray(PartitionGroup[]::new);
  }
}
