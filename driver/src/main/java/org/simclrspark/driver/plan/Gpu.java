package org.simclrspark.driver.plan;

/**
 * Cards that are known. Their rates are estimates: a supervised ResNet-50 in TF32 by NVIDIA's
 * DeepLearningExamples on an A100 (938 images a second, 12.3 GFLOP each), and the ratios of the
 * cards' dense TF32 or FP32 peaks.
 */
public enum Gpu {
  T4(1.2e12, 16),
  V100(4.0e12, 16),
  A100(11.5e12, 40),
  H100(23e12, 80);

  private final double flops;
  private final int gibibytes;

  Gpu(double flops, int gibibytes) {
    this.flops = flops;
    this.gibibytes = gibibytes;
  }

  /** Operations a second of an encoder's forward and backward pass. */
  double flops() {
    return flops;
  }

  /** Memory, in bytes. */
  long memoryBytes() {
    return (long) gibibytes << 30;
  }
}
