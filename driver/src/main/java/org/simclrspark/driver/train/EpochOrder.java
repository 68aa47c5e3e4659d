package org.simclrspark.driver.train;

import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.epoch.EpochPlan;
import org.simclrspark.data.epoch.EpochShards;
import org.simclrspark.data.index.Dataset;
import org.simclrspark.data.index.ReadCounters;
import org.simclrspark.driver.config.TrainConfig;

/** The images of every step, by the plan of its epoch. */
record EpochOrder(
    JavaSparkContext spark,
    Dataset dataset,
    Schedule schedule,
    TrainConfig config,
    ReadCounters counters) {

  /**
   * The images of a step; a partition holds those of one shard, in the order of their slots.
   *
   * @param step from 0, over all epochs
   */
  JavaRDD<ImageRecord> step(long step) {
    EpochPlan plan =
        new EpochPlan(
            schedule.images(),
            config.batch(),
            config.shards(),
            config.seed(),
            schedule.epoch(step));
    return new EpochShards(spark, dataset, plan, counters).step(schedule.stepOfEpoch(step));
  }
}
