package org.simclrspark.worker.engine;

import java.io.Serializable;

/**
 * How encoders are computed.
 *
 * @param kind of the engine
 * @param precision of an engine on libtorch; the others compute in float32
 * @param threads that share a micro-batch, at least 1
 */
public record EngineSettings(EngineKind kind, Precision precision, int threads)
    implements Serializable {

  public EngineSettings {
    if (threads < 1) {
      throw new IllegalArgumentException("Threads must be at least 1, found " + threads);
    }
  }

  /** The engine that suits the machine, in single precision. */
  public static EngineSettings automatic(int threads) {
    return new EngineSettings(EngineKind.AUTO, Precision.FLOAT32, threads);
  }
}
