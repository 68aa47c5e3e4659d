package org.simclrspark.worker.libtorch;

import java.util.Random;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.simclrspark.worker.engine.Precision;
import org.simclrspark.worker.machine.Gpus;
import org.simclrspark.worker.machine.LibtorchLibraries;

/**
 * What libtorch's device can do at best: the floors that a network's time is compared with.
 *
 * @param device library, device and settings
 * @param gflops of a large matrix product, 10^9 operations a second
 * @param bytesToDevice a second, from an array in Java
 * @param bytesFromDevice a second, to an array in Java
 * @param bytesOnDevice a second that a copy within the device reads and writes
 */
public record LibtorchRates(
    String device,
    double gflops,
    double bytesToDevice,
    double bytesFromDevice,
    double bytesOnDevice) {

  private static final int WARM_UP = 2;
  private static final int ROUNDS = 5;

  /** Images whose pixels are the rows of a factor. */
  private static final int IMAGES = 64;

  /** Products or copies that are timed together. */
  private static final int TOGETHER = 4;

  /**
   * Measures.
   *
   * @param threads of the CPU
   * @param side of the matrices
   */
  public static LibtorchRates measure(int threads, Precision precision, int side) {
    LibtorchLibraries.load();
    float[] values = new float[side * side];
    Random random = new Random(1);
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat() - 0.5f;
    }
    long bytes = (long) values.length * Float.BYTES;
    TorchDevice device = new TorchDevice(Gpus.forLibtorch(), precision);
    device.configure(threads);
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor floats = device.upload(values, 0, values.length, side, side);
      Tensor factor = floats.to(device.product());
      double product = seconds(device, () -> product(factor, precision));
      double up = seconds(device, () -> device.upload(values, 0, values.length, side, side));
      double on = seconds(device, floats::clone);
      double down =
          seconds(
              device,
              () -> {
                device.download(floats);
                return floats.view(side, side);
              });
      return new LibtorchRates(
          device.name(),
          2.0 * side * side * side / product / 1e9,
          bytes / up,
          bytes / down,
          2 * bytes / on);
    }
  }

  /** As a convolution of single pixels in TF32, which only convolutions take. */
  private static Tensor product(Tensor factor, Precision precision) {
    if (precision != Precision.TF32) {
      return torch.mm(factor, factor);
    }
    long side = factor.size(0);
    return torch.conv2d(
        factor.view(IMAGES, side / IMAGES, 1, side).permute(0, 3, 1, 2),
        factor.view(side, side, 1, 1));
  }

  /** Seconds of one call, the fewest of some rounds. */
  private static double seconds(TorchDevice device, Supplier<Tensor> call) {
    double fewest = Double.POSITIVE_INFINITY;
    for (int round = -WARM_UP; round < ROUNDS; round++) {
      try (PointerScope scope = new PointerScope()) {
        long start = System.nanoTime();
        Tensor last = null;
        for (int i = 0; i < TOGETHER; i++) {
          last = call.get();
        }
        // One value of it waits for all that the device has queued.
        device.download(last.flatten().narrow(0, 0, 1));
        if (round >= 0) {
          fewest = Math.min(fewest, (System.nanoTime() - start) / 1e9 / TOGETHER);
        }
      }
    }
    return fewest;
  }
}
