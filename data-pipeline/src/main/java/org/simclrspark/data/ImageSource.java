package org.simclrspark.data;

import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;

/** A dataset of images in some format at some Hadoop path. */
public interface ImageSource {

  /**
   * The images, each exactly once, in any order and partitioning.
   *
   * @throws DataException if the data cannot be read
   */
  JavaRDD<ImageRecord> read(JavaSparkContext spark);

  /**
   * Number of images M.
   *
   * @throws DataException if the data cannot be read
   */
  long count(JavaSparkContext spark);
}
