package org.simclrspark.driver.train;

import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.driver.cli.SparkContexts;
import org.simclrspark.worker.machine.Devices;

/**
 * A small Spark application whose tasks ask for their GPU: prints the GPU of each executor, and
 * then checks these GPUs as engines do, for a compute capability that is given as two arguments.
 */
final class GpuJob {

  private static final int TASKS = 8;
  private static final int EXECUTORS = 2;

  private GpuJob() {}

  public static void main(String[] arguments) throws InterruptedException {
    int major = Integer.parseInt(arguments[0]);
    int minor = Integer.parseInt(arguments[1]);
    try (JavaSparkContext spark = SparkContexts.start("gpus", System.getProperty("master"), 1)) {
      // The driver counts as one.
      while (spark.sc().statusTracker().getExecutorInfos().length < 1 + EXECUTORS) {
        Thread.sleep(20);
      }
      List<String> found =
          tasks(spark)
              .map(
                  task -> {
                    // Long enough for the other executor to get its share.
                    Thread.sleep(200);
                    return "executor "
                        + SparkEnv.get().executorId()
                        + " on GPU "
                        + Devices.ofTask();
                  })
              .collect();
      new TreeSet<>(found).forEach(System.out::println);
      tasks(spark).foreach(task -> Devices.check(Devices.ofTask(), major, minor));
    }
  }

  private static JavaRDD<Integer> tasks(JavaSparkContext spark) {
    return spark.parallelize(Collections.nCopies(TASKS, 0), TASKS);
  }
}
