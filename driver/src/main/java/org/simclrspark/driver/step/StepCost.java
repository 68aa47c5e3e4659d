package org.simclrspark.driver.step;

import java.util.Map;

/**
 * What a step took.
 *
 * @param seconds by phase
 * @param bytes moved, by phase: written to a shuffle, sent to the driver, or broadcast
 * @param memory bytes that the driver and its executors use, see {@link ClusterMemory#bytes}
 * @param reducers tasks that averaged gradients
 * @param heldBytes of slices and their sums, the most that one of those tasks held at a time
 */
public record StepCost(
    Map<Phase, Double> seconds,
    Map<Phase, Long> bytes,
    Map<String, Long> memory,
    int reducers,
    long heldBytes) {}
