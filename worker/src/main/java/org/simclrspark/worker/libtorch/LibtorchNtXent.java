package org.simclrspark.worker.libtorch;

import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.simclrspark.loss.Checks;
import org.simclrspark.loss.ContrastiveLoss;
import org.simclrspark.loss.Embeddings;
import org.simclrspark.loss.PairWeights;
import org.simclrspark.loss.RowStatistics;
import org.simclrspark.worker.engine.Precision;
import org.simclrspark.worker.machine.DeviceException;
import org.simclrspark.worker.machine.GpuDevice;
import org.simclrspark.worker.machine.LibtorchLibraries;

/**
 * {@link ContrastiveLoss} on libtorch's device, in strips of rows against all columns.
 *
 * <p>Similarities and their sums are float32, in the order that the device has for such a strip: a
 * range of rows gives the same bits each time on one kind of device. Memory is O(N d) and a few
 * strips. Safe to share between threads.
 */
public final class LibtorchNtXent implements ContrastiveLoss {

  /** Similarities of a strip, at most: 64 MiB. */
  private static final int STRIP = 1 << 24;

  /** Inner products at different places of a product differ by at most this. */
  private static final float ROUNDING = 1e-6f;

  private static final long[] COLUMNS = {1};

  private final double temperature;
  private final TorchDevice device;

  /**
   * Makes the loss.
   *
   * @param temperature tau, at least {@link org.simclrspark.loss.NtXent#LOWEST_TEMPERATURE}
   * @param gpu to compute on; empty: the CPU
   * @throws IllegalArgumentException if the temperature is out of range
   * @throws DeviceException where the process's environment shows the GPU to nobody
   */
  public LibtorchNtXent(double temperature, Optional<GpuDevice> gpu) {
    Checks.temperature(temperature);
    LibtorchLibraries.load();
    this.temperature = temperature;
    this.device = new TorchDevice(gpu, Precision.FLOAT32);
  }

  @Override
  public RowStatistics all(Embeddings z) {
    return rows(z, 0, z.rows());
  }

  @Override
  public RowStatistics rows(Embeddings z, int from, int to) {
    Checks.range(z, from, to);
    RowStatistics.Builder statistics = new RowStatistics.Builder(from, to);
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor units = units(z);
      for (Strip strip = Strip.first(z, from); strip.row < to; strip = strip.next(z)) {
        float[] sums = sums(units, strip);
        int rows = strip.rows;
        for (int row = Math.max(from, strip.row); row < Math.min(to, strip.row + rows); row++) {
          int at = row - strip.row;
          double nearest = sums[at];
          statistics.add(
              z.positiveDot(row) / temperature,
              nearest / temperature,
              sums[rows + at],
              sums[2 * rows + at] / temperature,
              nearest + ROUNDING < sums[3 * rows + at]);
        }
      }
    }
    return statistics.build();
  }

  /**
   * Over all columns but its own and its positive, for each row of a strip: the largest inner
   * product, the sum of exp(S_ij - largest S_ij), that of these times the inner products; and the
   * inner product with the positive, [4, rows].
   */
  private float[] sums(Tensor units, Strip strip) {
    try (PointerScope scope = new PointerScope()) {
      Tensor dots = strip.dots(units);
      Tensor own = strip.own(dots);
      Tensor pairs = strip.pairs(own);
      Tensor others = pairs.logical_not().logical_or(strip.diagonal(own));
      Tensor positives =
          own.masked_fill(others, new Scalar(0.0)).sum(COLUMNS, false, new ScalarTypeOptional());
      own.masked_fill_(pairs, new Scalar(Double.NEGATIVE_INFINITY));
      Tensor nearest = dots.amax(COLUMNS, true);
      Tensor exponentials = dots.sub(nearest).mul_(new Scalar(1 / temperature)).exp_();
      own.masked_fill_(pairs, new Scalar(0.0));
      return device.download(
          torch.cat(
              new TensorVector(
                  nearest.view(-1),
                  exponentials.sum(COLUMNS, false, new ScalarTypeOptional()),
                  exponentials.mul_(dots).sum(COLUMNS, false, new ScalarTypeOptional()),
                  positives)));
    }
  }

  @Override
  public void gradient(Embeddings z, double[] logNormalisers, float[] dz) {
    gradient(z, logNormalisers, 0, z.rows(), dz, 0);
  }

  @Override
  public void gradient(
      Embeddings z, double[] logNormalisers, int from, int to, float[] dz, int offset) {
    Checks.range(z, from, to);
    Checks.logNormalisers(z, logNormalisers);
    Checks.gradient(z, to - from, dz, offset);
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor units = units(z);
      Normalisers normalisers = new Normalisers(z, logNormalisers);
      for (Strip strip = Strip.first(z, from); strip.row < to; strip = strip.next(z)) {
        float[] gradient = gradient(z, units, normalisers, strip);
        int first = Math.max(from, strip.row);
        int rows = Math.min(to, strip.row + strip.rows) - first;
        int d = z.dimension();
        System.arraycopy(
            gradient, (first - strip.row) * d, dz, offset + (first - from) * d, rows * d);
      }
    }
  }

  /** dL/dz of a strip: (I - u_i u_i^T) (W U)_i / (N temperature |z_i|). */
  private float[] gradient(Embeddings z, Tensor units, Normalisers normalisers, Strip strip) {
    try (PointerScope scope = new PointerScope()) {
      Tensor dots = strip.dots(units);
      Tensor weights = normalisers.ofRows(dots, strip);
      weights.add_(normalisers.ofColumns(dots));
      Tensor own = strip.own(weights);
      own.masked_fill_(strip.pairs(own), new Scalar(0.0));
      Tensor positives = units.view(-1, 2, z.dimension()).flip(COLUMNS).view(-1, z.dimension());
      Tensor sums =
          weights
              .mm(units)
              .add_(strip.of(positives).mul(strip.of(normalisers.positives)))
              .to(ScalarType.Double);
      Tensor unit = strip.of(units).to(ScalarType.Double);
      Tensor along = sums.mul(unit).sum(COLUMNS, true, new ScalarTypeOptional());
      return device.download(
          sums.sub(along.mul(unit)).mul(strip.of(normalisers.lengths).to(ScalarType.Double)));
    }
  }

  private Tensor units(Embeddings z) {
    return device.upload(z.units(), 0, z.rows() * z.dimension(), z.rows(), z.dimension());
  }

  /** Rows that are taken together, whole pairs. */
  private record Strip(int row, int rows) {

    static Strip first(Embeddings z, int from) {
      return at(z, from / 2 * 2);
    }

    Strip next(Embeddings z) {
      return at(z, row + rows);
    }

    private static Strip at(Embeddings z, int row) {
      int most = Math.max(2, STRIP / z.rows() / 2 * 2);
      return new Strip(row, Math.min(most, z.rows() - row));
    }

    /** These rows of a tensor. */
    Tensor of(Tensor all) {
      return all.narrow(0, row, rows);
    }

    /** Inner products with all rows, [rows, N]. */
    Tensor dots(Tensor units) {
      return of(units).mm(units.t());
    }

    /** The columns that belong to the strip's own rows, [rows, rows]. */
    Tensor own(Tensor strip) {
      return strip.narrow(1, row, rows);
    }

    /** Where a row meets itself or its positive, [rows, rows]. */
    Tensor pairs(Tensor own) {
      return equal(numbers(own).floor_divide(new Scalar(2)));
    }

    /** Where a row meets itself, [rows, rows]. */
    Tensor diagonal(Tensor own) {
      return equal(numbers(own));
    }

    private Tensor numbers(Tensor own) {
      return torch.arange(new Scalar(rows)).to(own.device(), ScalarType.Long);
    }

    private static Tensor equal(Tensor numbers) {
      return numbers.view(-1, 1).eq(numbers.view(1, -1));
    }
  }

  /**
   * P_ij = exp(S_ij - lse_i) as exp((u_i . u_j - shift_i) / temperature) times a factor close to 1,
   * so that rounding lse_i to float32 costs no accuracy.
   */
  private final class Normalisers {
    private final Tensor shifts;
    private final Tensor factors;

    /** The weight of each row's positive, [N, 1]. */
    private final Tensor positives;

    /** 1 / (N temperature |z_i|), [N, 1]. */
    private final Tensor lengths;

    Normalisers(Embeddings z, double[] logNormalisers) {
      int n = z.rows();
      float[] values = new float[4 * n];
      for (int row = 0; row < n; row++) {
        float shift = (float) (logNormalisers[row] * temperature);
        values[row] = shift;
        values[n + row] = (float) Math.exp(shift / temperature - logNormalisers[row]);
        values[2 * n + row] =
            PairWeights.ofPositive(
                z.positiveDot(row) / temperature, logNormalisers[row], logNormalisers[row ^ 1]);
        values[3 * n + row] = (float) (z.inverseNorm(row) / (n * temperature));
      }
      Tensor all = device.upload(values, 0, values.length, 4, n, 1);
      shifts = all.select(0, 0);
      factors = all.select(0, 1);
      positives = all.select(0, 2);
      lengths = all.select(0, 3);
    }

    /** P_ij of a strip. */
    Tensor ofRows(Tensor dots, Strip strip) {
      return probabilities(dots, strip.of(shifts), strip.of(factors));
    }

    /** P_ji of a strip. */
    Tensor ofColumns(Tensor dots) {
      return probabilities(dots, shifts.t(), factors.t());
    }

    private Tensor probabilities(Tensor dots, Tensor shift, Tensor factor) {
      return dots.sub(shift).mul_(new Scalar(1 / temperature)).exp_().mul_(factor);
    }
  }
}
