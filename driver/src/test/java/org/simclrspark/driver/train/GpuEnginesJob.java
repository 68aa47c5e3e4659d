package org.simclrspark.driver.train;

import java.util.Collections;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.driver.cli.SparkContexts;
import org.simclrspark.worker.Engines;
import org.simclrspark.worker.machine.Devices;
import org.simclrspark.worker.network.EncoderSettings;
import org.simclrspark.worker.network.EncoderSettings.Initialization;
import org.simclrspark.worker.network.EncoderSettings.Norm;
import org.simclrspark.worker.network.EncoderSettings.Stem;

/** A small Spark application whose tasks borrow engines: prints which GPU each task had beside. */
final class GpuEnginesJob {

  private static final int TASKS = 24;

  private GpuEnginesJob() {}

  public static void main(String[] arguments) {
    EncoderSettings encoder =
        new EncoderSettings(
            18, 0.1, Stem.SMALL, Norm.BATCH, 16, false, Initialization.TORCHVISION, 2, 8, 8);
    try (JavaSparkContext spark = SparkContexts.start("gpus", System.getProperty("master"), 1)) {
      List<String> found =
          spark
              .parallelize(Collections.nCopies(TASKS, 0), TASKS)
              .mapPartitionsWithIndex(
                  (task, none) -> {
                    try (Engines.Loan loan = Engines.borrow(encoder, 1)) {
                      // Tasks of other lengths give their engines back in another order.
                      Thread.sleep(20 + 30 * (task % 3));
                      return List.of(
                              "engine "
                                  + System.identityHashCode(loan.engine())
                                  + " on GPU "
                                  + Devices.ofTask())
                          .iterator();
                    }
                  },
                  false)
              .collect();
      found.forEach(System.out::println);
    }
  }
}
