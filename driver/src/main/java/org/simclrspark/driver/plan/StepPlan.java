package org.simclrspark.driver.plan;

import java.util.Map;
import org.simclrspark.driver.step.Phase;

/**
 * What a step is expected to take.
 *
 * @param seconds by phase
 * @param bytes by phase, as a run's metrics count them
 * @param driverIn bytes that tasks send to the driver
 * @param driverOut bytes that the driver sends
 * @param executorIn bytes that an executor receives
 * @param executorOut bytes that an executor sends
 * @param tasks of all jobs
 * @param bottleneck what takes the largest part of the time
 */
public record StepPlan(
    Map<Phase, Double> seconds,
    Map<Phase, Long> bytes,
    long driverIn,
    long driverOut,
    long executorIn,
    long executorOut,
    int tasks,
    Bottleneck bottleneck) {

  /** Wall-clock seconds of the step. */
  public double total() {
    return seconds.values().stream().mapToDouble(Double::doubleValue).sum();
  }
}
