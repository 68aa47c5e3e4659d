package org.simclrspark.worker.bench;

import java.util.Arrays;
import org.simclrspark.loss.ContrastiveLoss;
import org.simclrspark.loss.Embeddings;
import org.simclrspark.loss.NtXent;
import org.simclrspark.loss.bench.LossBenchmark;
import org.simclrspark.worker.libtorch.LibtorchNtXent;
import org.simclrspark.worker.machine.Gpus;

/**
 * The loss on libtorch's device beside that on the CPU, over all rows of a batch.
 *
 * @param logNormalisers largest difference, in natural units
 * @param gradient norm of the difference from the CPU's, over the norm of the CPU's
 * @param nearestPositives rows more whose positive is nearest
 * @param sameBits whether the device gave the same bits each time
 * @param seconds of loss and gradient on the device, from embeddings that are normalised
 * @param cpuSeconds likewise on the CPU
 */
public record LossProof(
    double logNormalisers,
    double gradient,
    int nearestPositives,
    boolean sameBits,
    double seconds,
    double cpuSeconds) {

  private static final int ROUNDS = 3;

  /** Whether the loss can be trusted. */
  public boolean holds() {
    return sameBits && logNormalisers < 1e-5 && gradient < 1e-5;
  }

  /**
   * Compares.
   *
   * @param views N, rows of the batch
   * @param dimension d
   * @param temperature tau
   * @param threads of the CPU
   */
  public static LossProof of(int views, int dimension, double temperature, int threads) {
    Embeddings z = Embeddings.of(LossBenchmark.pairs(views, dimension), dimension);
    Result cpu = Result.of(new NtXent(temperature, threads), z);
    LibtorchNtXent loss = new LibtorchNtXent(temperature, Gpus.forLibtorch());
    Result device = Result.of(loss, z);
    boolean isSame = true;
    double[] seconds = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      Result again = Result.of(loss, z);
      isSame &= device.hasBitsOf(again);
      seconds[round] = again.seconds;
    }
    Arrays.sort(seconds);
    double largest = 0;
    for (int row = 0; row < views; row++) {
      largest = Math.max(largest, Math.abs(device.logNormalisers[row] - cpu.logNormalisers[row]));
    }
    return new LossProof(
        largest,
        EngineProof.difference(device.gradient, cpu.gradient),
        device.nearestPositives - cpu.nearestPositives,
        isSame,
        seconds[ROUNDS / 2],
        Result.of(new NtXent(temperature, threads), z).seconds);
  }

  private record Result(
      double[] logNormalisers, float[] gradient, int nearestPositives, double seconds) {

    static Result of(ContrastiveLoss loss, Embeddings z) {
      float[] gradient = new float[z.rows() * z.dimension()];
      long start = System.nanoTime();
      var rows = loss.all(z);
      double[] logNormalisers = rows.logNormalisers();
      loss.gradient(z, logNormalisers, gradient);
      double seconds = (System.nanoTime() - start) / 1e9;
      return new Result(logNormalisers, gradient, rows.nearestPositives(), seconds);
    }

    boolean hasBitsOf(Result other) {
      return Arrays.equals(logNormalisers, other.logNormalisers)
          && Arrays.equals(gradient, other.gradient);
    }
  }
}
