package org.simclrspark.worker.engine;

/**
 * What an engine on a GPU multiplies in. Parameters, norms, statistics and gradients are float32.
 */
public enum Precision {
  /** IEEE single precision throughout. */
  FLOAT32,
  /** Convolutions of float32 values rounded to 10 bits of mantissa, on tensor cores; GPUs alone. */
  TF32,
  /** Convolutions, dense layers and their activations in bfloat16. */
  BFLOAT16
}
