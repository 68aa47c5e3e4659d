package org.simclrspark.driver.bench;

import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.augment.AugmentSettings;
import org.simclrspark.data.decode.DecodeLimits;
import org.simclrspark.driver.checkpoint.FloatBytes;
import org.simclrspark.driver.cli.SparkContexts;
import org.simclrspark.driver.optimizer.Lars;
import org.simclrspark.driver.step.Augmentation;
import org.simclrspark.driver.step.NtXentSettings;
import org.simclrspark.driver.step.TrainingStep;
import org.simclrspark.worker.Engines;
import org.simclrspark.worker.ShardWorker;
import org.simclrspark.worker.engine.EngineSettings;
import org.simclrspark.worker.network.EncoderSettings;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.shard.ShardPlan;

/** A few steps on images of noise, by one task at a time or by two that share a device. */
final class TaskPairTraining {

  private static final int SHARDS = 4;
  private static final int IMAGES = 32;
  private static final int STEPS = 3;
  private static final long SEED = 1;

  private TaskPairTraining() {}

  /**
   * Trains.
   *
   * @param settings of an encoder of views of 32 px
   * @param engines with one thread, as each task has one
   * @param tasks at a time
   * @return SHA-256 of the parameters
   */
  static String hash(EncoderSettings settings, EngineSettings engines, int tasks) {
    ShardPlan plan = new ShardPlan(IMAGES, SHARDS, IMAGES / SHARDS / 2);
    ShardWorker worker =
        new ShardWorker(() -> Engines.borrow(settings, engines), plan, Long.MAX_VALUE);
    Augmentation views =
        new Augmentation(
            AugmentSettings.cifar(), DecodeLimits.DEFAULT, SEED, plan.imagesPerShard(), false);
    NtXentSettings loss = new NtXentSettings(settings.embeddingSize(), 0.5, engines);
    Network network = new Network(settings);
    Lars lars = new Lars(network.layout(), 0.9, 1e-6, 0.001);
    float[] theta = network.initialParameters(SEED);
    try (JavaSparkContext spark =
            SparkContexts.start("simclr bench gpu", "local[" + tasks + "]", 1);
        TrainingStep step =
            new TrainingStep(spark, plan, views, worker, loss, network.normChannels())) {
      JavaRDD<ImageRecord> images = NoiseImages.of(spark, IMAGES, SHARDS);
      for (int i = 0; i < STEPS; i++) {
        lars.update(theta, step.run(i + 1, 0, images, theta).gradient(), 0.1);
      }
    } finally {
      Engines.closeIdle();
    }
    return FloatBytes.sha256(theta);
  }
}
