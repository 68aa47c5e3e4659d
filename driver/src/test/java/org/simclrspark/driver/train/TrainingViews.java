package org.simclrspark.driver.train;

import java.io.BufferedOutputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.data.index.Dataset;
import org.simclrspark.data.index.ReadCounters;
import org.simclrspark.driver.LocalSpark;
import org.simclrspark.driver.config.ConfigFiles;
import org.simclrspark.driver.config.DataConfig.Damaged;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.step.Augmentation;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.network.ParameterLayout.Block;
import org.simclrspark.worker.shard.ShardViews;

/**
 * Writes the views of some steps of a run as training made them, for {@code peer/same_steps.py}.
 *
 * <pre>java ... TrainingViews RUN FIRST_STEP STEPS OUT</pre>
 *
 * <p>OUT/views.bin has the bytes of step after step and shard after shard: the first views [images,
 * 3, size, size], then the second ones. OUT/layout.txt has a line for each block of the parameters:
 * name, offset, length and shape.
 */
final class TrainingViews {

  private TrainingViews() {}

  public static void main(String[] arguments) throws Exception {
    Path run = Path.of(arguments[0]).toRealPath();
    long first = Long.parseLong(arguments[1]);
    int steps = Integer.parseInt(arguments[2]);
    Path out = Files.createDirectories(Path.of(arguments[3])).toRealPath();
    SimclrConfig config =
        SimclrConfig.load(ConfigFiles.parse(run.resolve("config.conf").toFile()), List.of());
    JavaSparkContext spark = LocalSpark.context();
    Dataset images =
        new Datasets(spark, config, new org.apache.hadoop.fs.Path(out.toUri()), false, line -> {})
            .train();
    Schedule schedule = Schedule.of(config, images.count());
    EpochOrder order =
        new EpochOrder(spark, images, schedule, config.train(), new ReadCounters(spark));
    Augmentation augmentation =
        new Augmentation(
            config.augment().settings(),
            config.data().limits(),
            config.train().seed(),
            config.train().batch() / config.train().shards(),
            config.data().damaged() == Damaged.SKIP);
    try (OutputStream views =
        new BufferedOutputStream(Files.newOutputStream(out.resolve("views.bin")))) {
      for (long step = first; step < first + steps; step++) {
        int epoch = schedule.epoch(step);
        for (ShardViews shard :
            order
                .step(step)
                .mapPartitions(part -> List.of(augmentation.views(epoch, part)).iterator())
                .collect()) {
          views.write(shard.first());
          views.write(shard.second());
        }
      }
    }
    List<String> layout = new ArrayList<>();
    for (Block block : new Network(config.encoderSettings()).layout().blocks()) {
      layout.add(block.name() + " " + block.offset() + " " + block.length() + " " + block.shape());
    }
    Files.write(out.resolve("layout.txt"), layout);
    System.exit(0);
  }
}
