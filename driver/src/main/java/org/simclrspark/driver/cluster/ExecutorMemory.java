package org.simclrspark.driver.cluster;

import org.apache.spark.SparkConf;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.worker.network.Network;

/** What an executor needs outside its Java heap, and what a cluster manager leaves it there. */
public final class ExecutorMemory {

  private static final long MEBI = 1L << 20;

  /** Natives, compiled primitives, thread stacks, the JVM itself. */
  private static final long BASE = 512 * MEBI;

  /** Weights in the layouts of the natives, their gradients, and the vector they are read from. */
  private static final int COPIES_OF_PARAMETERS = 6;

  private ExecutorMemory() {}

  /** Bytes that the tasks of an executor take beside its heap, about. */
  public static long beside(SimclrConfig config, SparkConf spark) {
    int threads = config.worker().threads();
    int tasks = Math.max(1, spark.getInt("spark.executor.cores", threads) / threads);
    long parameters = new Network(config.encoderSettings()).layout().size();
    return BASE
        + tasks
            * (config.worker().activationMemory()
                + COPIES_OF_PARAMETERS * Float.BYTES * parameters);
  }

  /**
   * Bytes that the cluster manager grants beside the heap; on a standalone cluster and with Spark
   * embedded there is no limit but the machine's.
   */
  public static long overhead(SparkConf spark) {
    String master = spark.get("spark.master");
    if (!master.equals("yarn") && !master.startsWith("k8s://")) {
      return Long.MAX_VALUE;
    }
    long heap = spark.getSizeAsMb("spark.executor.memory", "1g") * MEBI;
    double factor = spark.getDouble("spark.executor.memoryOverheadFactor", 0.1);
    long standard = Math.max(384 * MEBI, (long) (heap * factor));
    return spark.getSizeAsMb("spark.executor.memoryOverhead", standard / MEBI + "m") * MEBI;
  }
}
