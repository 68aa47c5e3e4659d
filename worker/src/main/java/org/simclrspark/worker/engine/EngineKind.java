package org.simclrspark.worker.engine;

/** Which library computes the encoder. */
public enum EngineKind {
  /**
   * On a GPU that Spark gave to the task libtorch, or ND4J where the card is too old for it; else
   * oneDNN.
   */
  AUTO,
  /** CPUs. */
  ONEDNN,
  /** GPUs of compute capability 7.5 and more, and CPUs. */
  LIBTORCH,
  /** GPUs of compute capability 3.7 to 8.9, and slowly CPUs. */
  ND4J
}
