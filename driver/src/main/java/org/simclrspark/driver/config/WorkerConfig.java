package org.simclrspark.driver.config;

import org.simclrspark.worker.Isa;

/**
 * What a Spark task may use.
 *
 * @param threads of a task: its share of Spark's cores and the threads of the native libraries; the
 *     last bits of a result depend on it
 * @param activationMemory bytes a task may keep of activations between forward and backward;
 *     micro-batches beyond it are computed again, with the same result
 * @param isa vector instructions that driver and executors are held to, so that processors of
 *     several kinds compute the same bits
 * @param mixedProcessors whether processors of several kinds may compute one run where {@code isa}
 *     is native; the last bits then depend on which of them ran what
 */
public record WorkerConfig(int threads, long activationMemory, Isa isa, boolean mixedProcessors) {

  static WorkerConfig read(Section section) {
    return new WorkerConfig(
        section.integer("threads", Range.between(1, 1024)),
        section.bytes("activation-memory"),
        section.choice("isa", Isa.class),
        section.flag("mixed-processors"));
  }
}
