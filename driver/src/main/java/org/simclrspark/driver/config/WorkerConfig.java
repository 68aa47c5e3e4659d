package org.simclrspark.driver.config;

import java.util.Locale;
import org.simclrspark.worker.engine.EngineKind;
import org.simclrspark.worker.engine.EngineSettings;
import org.simclrspark.worker.engine.Precision;
import org.simclrspark.worker.machine.Isa;

/**
 * What a Spark task may use.
 *
 * @param threads of a task: its share of Spark's cores and the threads of the native libraries; the
 *     last bits of a result depend on it
 * @param engine the library that computes the encoder
 * @param precision of the engine on libtorch; the others compute in float32
 * @param activationMemory bytes a task may keep of activations between forward and backward;
 *     micro-batches beyond it are computed again, with the same result
 * @param isa vector instructions that driver and executors are held to, so that processors of
 *     several kinds compute the same bits
 * @param mixedProcessors whether processors of several kinds may compute one run where {@code isa}
 *     is native; the last bits then depend on which of them ran what
 */
public record WorkerConfig(
    int threads,
    EngineKind engine,
    Precision precision,
    long activationMemory,
    Isa isa,
    boolean mixedProcessors) {

  /** How a task computes the encoder. */
  public EngineSettings engineSettings() {
    return new EngineSettings(engine, precision, threads);
  }

  static WorkerConfig read(Section section) {
    WorkerConfig result =
        new WorkerConfig(
            section.integer("threads", Range.between(1, 1024)),
            section.choice("engine", EngineKind.class),
            section.choice("precision", Precision.class),
            section.bytes("activation-memory"),
            section.choice("isa", Isa.class),
            section.flag("mixed-processors"));
    if (result.precision != Precision.FLOAT32
        && (result.engine == EngineKind.ONEDNN || result.engine == EngineKind.ND4J)) {
      section.reject(
          "precision",
          "must be float32 where worker.engine is neither libtorch nor auto, found "
              + result.precision.name().toLowerCase(Locale.ROOT),
          "Set worker.engine=libtorch, or leave it out.");
    }
    return result;
  }
}
