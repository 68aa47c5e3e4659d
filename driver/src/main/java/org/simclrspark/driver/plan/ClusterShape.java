package org.simclrspark.driver.plan;

import java.util.Optional;

/**
 * A cluster to plan for.
 *
 * @param executors E
 * @param cores of an executor
 * @param gpu of each executor, or empty: the encoder runs on cores
 * @param networkBytes a second, of each machine's network
 * @param storageBytes a second, of the storage to all executors together; infinite where unknown
 */
public record ClusterShape(
    int executors, int cores, Optional<Gpu> gpu, double networkBytes, double storageBytes) {

  /** Tasks that run at a time. */
  int slots(int threads) {
    return executors * (gpu.isPresent() ? 1 : Math.max(1, cores / threads));
  }

  /** The same machines, another number of them. */
  public ClusterShape withExecutors(int count) {
    return new ClusterShape(count, cores, gpu, networkBytes, storageBytes);
  }
}
