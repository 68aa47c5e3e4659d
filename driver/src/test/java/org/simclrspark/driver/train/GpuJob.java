package org.simclrspark.driver.train;

import java.util.List;
import java.util.TreeSet;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.driver.cli.SparkContexts;
import org.simclrspark.worker.Devices;

/**
 * A small Spark application whose tasks ask for their GPU: prints the GPU of each executor; with
 * the compute capability of these GPUs as arguments, checks them as engines do.
 */
final class GpuJob {

  private static final int TASKS = 8;

  private GpuJob() {}

  public static void main(String[] arguments) {
    try (JavaSparkContext spark = SparkContexts.start("gpus", System.getProperty("master"), 1)) {
      while (spark.sc().statusTracker().getExecutorInfos().length < 3) {
        Thread.onSpinWait();
      }
      List<String> found =
          spark
              .parallelize(java.util.Collections.nCopies(TASKS, 0), TASKS)
              .map(
                  task -> {
                    int gpu = Devices.ofTask();
                    if (arguments.length > 0) {
                      Devices.check(
                          gpu, Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1]));
                    }
                    // Long enough for the other executor to get its share.
                    Thread.sleep(200);
                    return "executor " + SparkEnv.get().executorId() + " on GPU " + gpu;
                  })
              .collect();
      new TreeSet<>(found).forEach(System.out::println);
    }
  }
}
