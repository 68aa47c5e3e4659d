package org.simclrspark.driver.plan;

import java.util.Optional;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.worker.network.Network;

/**
 * The constants of the model of a step, in seconds.
 *
 * @param embedFixed of a task that embeds, beside its images
 * @param embedPerImage of an image on one task's threads: its two views, encoded forward
 * @param backwardFixed of a task, beside its images: a gradient is shaped, scaled, cut and written
 * @param backwardPerImage of an image on one task's threads
 * @param lossPerPair of one similarity in the log-normalisers, on one thread
 * @param gradientPerPair of one similarity in the gradient, on one thread
 * @param averagePerByte of a gradient's byte that a reducer reads and adds
 * @param meanPerParameter of a parameter of the mean, from its reducer to an array on the driver
 * @param driverPerParameter of a parameter on the driver: optimizer, broadcast, the mean put
 *     together
 * @param job a Spark job, from its start to its end, without work
 * @param measured where the constants are from, for people
 */
public record Rates(
    double embedFixed,
    double embedPerImage,
    double backwardFixed,
    double backwardPerImage,
    double lossPerPair,
    double gradientPerPair,
    double averagePerByte,
    double meanPerParameter,
    double driverPerParameter,
    double job,
    String measured) {

  /** Of a core with AVX-512, as the README's figures say, without any measurement here. */
  private static final double CORE_FLOPS = 150e9;

  private static final double PIXELS_OF_VIEWS = 285.0 * 2 * 224 * 224;

  /**
   * Rates for a machine that nothing was measured on.
   *
   * @param gpu that encodes; empty for the cores
   */
  public static Rates assumed(SimclrConfig config, Optional<Gpu> gpu) {
    Network network = new Network(config.encoderSettings());
    double forward = network.forwardOperations();
    double training = network.trainingOperations();
    int threads = config.worker().threads();
    int side = config.augment().settings().size();
    double rate = gpu.map(Gpu::flops).orElse(CORE_FLOPS * threads);
    double views = 2.0 * side * side / PIXELS_OF_VIEWS / threads;
    double parameters = network.layout().size();
    return new Rates(
        0.02,
        views + 2 * forward / rate,
        0.02 + parameters * 3e-9,
        2 * (training - forward) / rate,
        1.3e-10 * 8,
        2.6e-10 * 8,
        1e-9,
        4e-9,
        2e-8,
        0.03,
        "assumed from the README's figures; --calibrate measures them");
  }
}
