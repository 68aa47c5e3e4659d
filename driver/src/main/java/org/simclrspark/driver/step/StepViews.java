package org.simclrspark.driver.step;

import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.storage.StorageLevel;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.epoch.PartitionRdd;
import org.simclrspark.worker.shard.ShardViews;

/**
 * The views of a step, which stay until the step is done on the executors that embed them.
 *
 * <p>They are made when the step first needs them, or ahead, while the step before computes. Either
 * way they are a function of the images alone, so the bits of the step are the same; a block that
 * gets lost is made again.
 *
 * <p>What is made ahead lies on the executors that had time for it, which may be few; the step
 * takes it from there to where its tasks run.
 */
public final class StepViews implements AutoCloseable {

  private final JavaRDD<ShardViews> made;
  private final JavaRDD<ShardViews> views;
  private ShardJob<Boolean> making;
  private PhaseClock.JobReport report;

  StepViews(ViewMaker maker, int epoch, JavaRDD<ImageRecord> images) {
    this.made = PartitionRdd.toOne(images, (shard, records) -> maker.views(epoch, records));
    this.views =
        PartitionRdd.of(made, (shard, ofShard) -> ofShard)
            .setName("views")
            .persist(StorageLevel.MEMORY_AND_DISK());
  }

  /** A partition holds one shard's views. */
  JavaRDD<ShardViews> partitions() {
    return views;
  }

  /**
   * Starts to make them in the background, behind the jobs that run already.
   *
   * @param resources of the tasks
   */
  void startMaking(PhaseClock clock, ViewResources resources) {
    made.setName("views of the next step").persist(StorageLevel.MEMORY_AND_DISK());
    JavaRDD<Boolean> tasks =
        resources.of(PartitionRdd.toOne(made, (shard, ofShard) -> ofShard.hasNext()));
    report = clock.background("views of the next step");
    making = clock.submit(report, () -> ShardJob.start(tasks));
  }

  /**
   * Waits until they are made, if they are being made ahead. A failure is left to the step, which
   * makes them again and tells.
   *
   * @return what Spark tells of the job; empty if there was none
   */
  Optional<PhaseClock.JobReport> awaitMade() {
    if (making == null) {
      return Optional.empty();
    }
    try {
      making.result();
    } catch (Exception leftToTheStep) {
      // The step makes what is missing, and fails for the same reason if it has to.
    }
    return Optional.of(report);
  }

  /** Frees what was made ahead: the step's tasks have it. */
  void releaseMadeAhead() {
    if (making != null) {
      made.unpersist(false);
    }
  }

  /** Frees them. */
  @Override
  public void close() {
    if (making != null) {
      making.cancel();
    }
    if (report != null) {
      report.discard();
    }
    releaseMadeAhead();
    views.unpersist(false);
  }
}
