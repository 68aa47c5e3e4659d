package org.simclrspark.driver.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.ImageRecord.Encoding;

/** Images of 32 x 32 px without content, for measurements that need none. */
final class NoiseImages {

  private static final int BYTES = 3 * 32 * 32;

  private NoiseImages() {}

  /** The same images each time; a partition holds those of one shard. */
  static JavaRDD<ImageRecord> of(JavaSparkContext spark, int images, int shards) {
    List<ImageRecord> records = new ArrayList<>();
    for (int id = 0; id < images; id++) {
      byte[] pixels = new byte[BYTES];
      new SplittableRandom(id).nextBytes(pixels);
      records.add(new ImageRecord(id, null, "noise " + id, Encoding.CIFAR, pixels));
    }
    return spark.parallelize(records, shards);
  }
}
