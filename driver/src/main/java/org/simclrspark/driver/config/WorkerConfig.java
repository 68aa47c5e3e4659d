package org.simclrspark.driver.config;

/**
 * What a Spark task may use.
 *
 * @param threads of a task: its share of Spark's cores and the threads of the native libraries; the
 *     last bits of a result depend on it
 * @param activationMemory bytes a task may keep of activations between forward and backward;
 *     micro-batches beyond it are computed again, with the same result
 */
public record WorkerConfig(int threads, long activationMemory) {

  static WorkerConfig read(Section section) {
    return new WorkerConfig(
        section.integer("threads", Range.between(1, 1024)), section.bytes("activation-memory"));
  }
}
