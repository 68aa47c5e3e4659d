package org.simclrspark.driver.plan;

import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.worker.network.Network;

/**
 * What a step has to do, whatever the cluster.
 *
 * @param batch K, images
 * @param shards S, tasks
 * @param threads of a task
 * @param parameters P
 * @param statistics B, means and variances of batch norms
 * @param dimension d, of an embedding
 * @param imageBytes mean stored size of an image
 */
public record Workload(
    int batch,
    int shards,
    int threads,
    int parameters,
    int statistics,
    int dimension,
    double imageBytes) {

  /** N, rows of Z. */
  long rows() {
    return 2L * batch;
  }

  /** Of a configuration. */
  public static Workload of(SimclrConfig config, double imageBytes) {
    Network network = new Network(config.encoderSettings());
    return new Workload(
        config.train().batch(),
        config.train().shards(),
        config.worker().threads(),
        network.layout().size(),
        network.statisticsSize(),
        config.projection().dim(),
        imageBytes);
  }
}
