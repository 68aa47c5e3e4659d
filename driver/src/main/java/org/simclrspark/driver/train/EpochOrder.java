package org.simclrspark.driver.train;

import java.util.TreeMap;
import org.apache.spark.api.java.JavaRDD;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.epoch.EpochPlan;
import org.simclrspark.data.epoch.EpochShards;
import org.simclrspark.driver.config.TrainConfig;

/**
 * The images of every step, from the shuffle of its epoch. Two epochs are open at most: that of the
 * running step, and the next one when its first views are made ahead.
 */
final class EpochOrder implements AutoCloseable {

  private final JavaRDD<ImageRecord> images;
  private final Schedule schedule;
  private final TrainConfig config;
  private final TreeMap<Integer, EpochShards> open = new TreeMap<>();

  /**
   * Prepares the order.
   *
   * @param images the whole dataset, with ids 0 to M-1
   */
  EpochOrder(JavaRDD<ImageRecord> images, Schedule schedule, TrainConfig config) {
    this.images = images;
    this.schedule = schedule;
    this.config = config;
  }

  /**
   * The images of a step; a partition holds those of one shard, in the order of their slots.
   *
   * @param step from 0, over all epochs
   */
  JavaRDD<ImageRecord> step(long step) {
    return open.computeIfAbsent(schedule.epoch(step), this::shuffle)
        .step(schedule.stepOfEpoch(step));
  }

  private EpochShards shuffle(int epoch) {
    EpochPlan plan =
        new EpochPlan(schedule.images(), config.batch(), config.shards(), config.seed(), epoch);
    return EpochShards.of(images, plan);
  }

  /** Frees the epochs that lie behind a step. */
  void passed(long step) {
    while (!open.isEmpty() && open.firstKey() < schedule.epoch(step)) {
      open.pollFirstEntry().getValue().close();
    }
  }

  @Override
  public void close() {
    open.values().forEach(EpochShards::close);
    open.clear();
  }
}
