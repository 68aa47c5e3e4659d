package org.simclrspark.loss.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.simclrspark.loss.ContrastiveLoss;
import org.simclrspark.loss.Embeddings;
import org.simclrspark.loss.NtXent;
import org.simclrspark.loss.RowStatistics;
import org.simclrspark.loss.nd4j.Nd4jNtXent;
import org.simclrspark.loss.reference.ReferenceNtXent;
import org.simclrspark.loss.vector.VectorTypes;

/**
 * Measures the loss and its gradient beside the plain matrix products that they cannot do without.
 */
public final class LossBenchmark {
  private static final int WARM_UPS = 3;
  private static final int ROUNDS = 5;
  private static final double ENOUGH_SECONDS = 8;

  /** After this long no further round begins. */
  private static final double PATIENCE_SECONDS = 20;

  /** Implementations of {@link ContrastiveLoss}. */
  public enum Implementation {
    /** {@link NtXent}. */
    TILES,
    /** {@link Nd4jNtXent}. */
    ND4J
  }

  /**
   * What is measured.
   *
   * @param views N, rows of the batch: even, at least 4
   * @param dimension d
   * @param temperature tau
   * @param threads threads of the loss
   * @param rows rows that this machine owns; N for a whole batch, N / S for one of S shards
   * @param implementation what computes it
   */
  public record Settings(
      int views,
      int dimension,
      double temperature,
      int threads,
      int rows,
      Implementation implementation) {
    /** Checks the number of rows; the loss checks the rest. */
    public Settings {
      if (rows < 1 || rows > views) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "Invalid number of rows, must be from 1 to %d, the views, found %d",
                views,
                rows));
      }
    }
  }

  private final Settings settings;
  private final float[] values;
  private final ContrastiveLoss loss;
  private final float[] dz;
  private double[] logNormalisers;

  private LossBenchmark(Settings settings) {
    this.settings = settings;
    this.values = pairs(settings.views(), settings.dimension());
    this.loss =
        settings.implementation() == Implementation.ND4J
            ? new Nd4jNtXent(settings.temperature())
            : new NtXent(settings.temperature(), settings.threads());
    this.dz = new float[settings.rows() * settings.dimension()];
  }

  /**
   * Measures loss and gradient with warm code: normalisation, log-normalisers, gradient. With fewer
   * rows than views the log-normalisers of the others, which come from other shards in a step, are
   * those of the rows measured, repeated.
   *
   * @return sizes; {@code seconds}, the best round, and its parts; {@code gemm_gflops}, the rate of
   *     the fastest plain product of any round; {@code floor_seconds}, the products alone at that
   *     rate; {@code ratio_to_floor}; {@code processor_time_ratio}, the same by the time that
   *     processors spent, which tells more where other processes run; {@code extra_bytes},
   *     allocated by a round beside embeddings and gradient
   */
  public static Map<String, Object> run(Settings settings) {
    return new LossBenchmark(settings).measure();
  }

  /**
   * The error of the gradient of some rows, evenly spread, against double precision.
   *
   * @param settings of a whole batch: {@code rows} does not matter
   * @param rows how many rows to compare; the log-normalisers in double precision take N^2 d steps
   * @return the norm of the difference, divided by the norm of the gradient in double precision
   */
  public static double gradientError(Settings settings, int rows) {
    LossBenchmark whole =
        new LossBenchmark(
            new Settings(
                settings.views(),
                settings.dimension(),
                settings.temperature(),
                settings.threads(),
                settings.views(),
                settings.implementation()));
    whole.round();
    int dimension = settings.dimension();
    double[] values =
        IntStream.range(0, whole.values.length).mapToDouble(i -> whole.values[i]).toArray();
    ReferenceNtXent reference = new ReferenceNtXent(values, dimension, settings.temperature());
    double difference = 0;
    double size = 0;
    int compared = Math.min(rows, settings.views());
    for (int i = 0; i < compared; i++) {
      int row = (int) ((long) i * settings.views() / compared);
      double[] exact = reference.gradient(row);
      for (int k = 0; k < dimension; k++) {
        double error = whole.dz[row * dimension + k] - exact[k];
        difference += error * error;
        size += exact[k] * exact[k];
      }
    }
    return Math.sqrt(difference / size);
  }

  private Map<String, Object> measure() {
    ProductRates gemm =
        new ProductRates(Embeddings.of(values, settings.dimension()), settings.threads());
    Stopwatch warming = new Stopwatch();
    for (int i = 0; i < WARM_UPS && (i == 0 || warming.seconds() < PATIENCE_SECONDS / 2); i++) {
      gemm.measure();
      round();
    }
    Round best = null;
    double processorSeconds = Double.POSITIVE_INFINITY;
    long bytes = Long.MAX_VALUE;
    double[] seconds = new double[0];
    Stopwatch measuring = new Stopwatch();
    while (best == null
        || measuring.seconds() < (seconds.length < ROUNDS ? PATIENCE_SECONDS : ENOUGH_SECONDS)) {
      gemm.measure();
      long before = allocatedBytes();
      Stopwatch watch = new Stopwatch();
      Round round = round();
      processorSeconds = Math.min(processorSeconds, watch.processorSeconds());
      bytes = Math.min(bytes, allocatedBytes() - before);
      seconds = Arrays.copyOf(seconds, seconds.length + 1);
      seconds[seconds.length - 1] = round.seconds();
      best = best == null || round.seconds() < best.seconds() ? round : best;
    }
    Arrays.sort(seconds);
    Map<String, Object> values = values(best, seconds, gemm);
    values.put("processor_seconds", processorSeconds);
    values.put("processor_time_ratio", processorSeconds * gemm.bestOfProcessor() * 1e9 / flop());
    values.put("extra_bytes", bytes);
    return values;
  }

  private Map<String, Object> values(Round best, double[] seconds, ProductRates gemm) {
    double floor = flop() / (gemm.best() * 1e9);
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("views", settings.views());
    values.put("dim", settings.dimension());
    values.put("rows", settings.rows());
    values.put("temperature", settings.temperature());
    values.put("threads", settings.threads());
    values.put("implementation", settings.implementation().name().toLowerCase(Locale.ROOT));
    values.put("lanes", VectorTypes.LANES);
    values.put("rounds", seconds.length);
    values.put("seconds", best.seconds());
    values.put("seconds_median", seconds[seconds.length / 2]);
    values.put("normalise_seconds", best.normalise());
    values.put("loss_seconds", best.loss());
    values.put("gradient_seconds", best.gradient());
    values.put("gflop", flop() / 1e9);
    values.put("gemm_gflops", gemm.best());
    values.put("gemm_gflops_blas", gemm.blas());
    values.put("gemm_gflops_matmul", gemm.matmul());
    values.put("gemm_gflops_tiles", gemm.tiles());
    values.put("floor_seconds", floor);
    values.put("ratio_to_floor", best.seconds() / floor);
    values.put("loss", best.statistics().meanLoss());
    return values;
  }

  /** The products alone: 2 N^2 d for each, half for the symmetric ones of a whole batch. */
  private double flop() {
    double product = 2.0 * settings.rows() * settings.views() * settings.dimension();
    return isWhole() ? 2 * product : 3 * product;
  }

  private boolean isWhole() {
    return settings.rows() == settings.views();
  }

  private record Round(RowStatistics statistics, double normalise, double loss, double gradient) {
    double seconds() {
      return normalise + loss + gradient;
    }
  }

  private Round round() {
    long start = System.nanoTime();
    Embeddings z = Embeddings.of(values, settings.dimension());
    long normalised = System.nanoTime();
    RowStatistics statistics = isWhole() ? loss.all(z) : loss.rows(z, 0, settings.rows());
    long summed = System.nanoTime();
    setLogNormalisers(statistics.logNormalisers());
    long gathered = System.nanoTime();
    if (isWhole()) {
      loss.gradient(z, logNormalisers, dz);
    } else {
      loss.gradient(z, logNormalisers, 0, settings.rows(), dz, 0);
    }
    long end = System.nanoTime();
    return new Round(
        statistics,
        (normalised - start) / 1e9,
        (summed - normalised) / 1e9,
        (end - gathered) / 1e9);
  }

  private void setLogNormalisers(double[] own) {
    if (logNormalisers == null) {
      logNormalisers = new double[settings.views()];
    }
    for (int row = 0; row < logNormalisers.length; row++) {
      logNormalisers[row] = own[row % own.length];
    }
  }

  /** What all threads have allocated on the heap since they started. */
  private static long allocatedBytes() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long sum = 0;
    for (long bytes : threads.getThreadAllocatedBytes(threads.getAllThreadIds())) {
      sum += Math.max(0, bytes);
    }
    return sum;
  }

  /** Pairs of views that are alike but for noise as large as what they share. */
  public static float[] pairs(int rows, int dimension) {
    Random random = new Random(rows);
    float[] z = new float[Math.multiplyExact(rows, dimension)];
    for (int i = 0; i < z.length; i++) {
      boolean second = i / dimension % 2 == 1;
      float noise = (float) random.nextGaussian();
      z[i] = second ? z[i - dimension] + noise : noise;
    }
    return z;
  }
}
