package org.simclrspark.driver.cluster;

import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.worker.network.Network;

/** The heap that a driver needs for a configuration. */
public final class DriverMemory {

  private static final long GIBI = 1L << 30;

  /** Spark itself, the plan of an epoch, the metrics, and room for the garbage collector. */
  private static final long BASE = 2 * GIBI;

  /**
   * Parameters, their mean gradient and up to two arrays of the optimizer; the broadcast's blocks
   * and the slices' results beside them; a checkpoint's files and those of the portable encoder.
   */
  private static final int COPIES_OF_PARAMETERS = 16;

  /** The shards' embeddings, Z, its broadcast, and the sums over it. */
  private static final int COPIES_OF_EMBEDDINGS = 4;

  private DriverMemory() {}

  /** Bytes of heap, in whole GiB: 4 GiB for a ResNet-50 at K = 8192. */
  public static long bytes(SimclrConfig config) {
    return bytes(config, 1);
  }

  /** The same for several runs of the configuration at the same time. */
  public static long bytes(SimclrConfig config, int runs) {
    long parameters = new Network(config.encoderSettings()).layout().size();
    long embeddings = 2L * config.train().batch() * config.projection().dim();
    long needed =
        BASE
            + runs
                * Float.BYTES
                * (COPIES_OF_PARAMETERS * parameters + COPIES_OF_EMBEDDINGS * embeddings);
    return (needed + GIBI - 1) / GIBI * GIBI;
  }

  /** As {@code --driver-memory} takes it, such as {@code 4g}. */
  public static String option(SimclrConfig config) {
    return option(config, 1);
  }

  /** The same for several runs of the configuration at the same time. */
  public static String option(SimclrConfig config, int runs) {
    return bytes(config, runs) / GIBI + "g";
  }
}
