package org.simclrspark.worker.peer;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.simclrspark.worker.Engines;
import org.simclrspark.worker.engine.Engine;
import org.simclrspark.worker.engine.EngineKind;
import org.simclrspark.worker.engine.EngineSettings;
import org.simclrspark.worker.engine.Precision;
import org.simclrspark.worker.network.EncoderSettings;
import org.simclrspark.worker.network.EncoderSettings.Initialization;
import org.simclrspark.worker.network.EncoderSettings.Norm;
import org.simclrspark.worker.network.EncoderSettings.Stem;
import org.simclrspark.worker.shard.MicroBatches;
import org.simclrspark.worker.shard.ShardPass;
import org.simclrspark.worker.shard.ShardViews;

/**
 * Measures an engine and a plain loop of libtorch's alternately in one run and prints the ratio of
 * their rates.
 *
 * <p>Arguments: engine, depth, width, image size, views in a micro-batch, threads, rounds (default
 * 5). A round is two micro-batches forward and both backward, as SimCLR needs them: of the engine a
 * shard, from new parameters to the gradient; of libtorch with an update behind it. The ratio is
 * the median over rounds, for each memory format of libtorch. That of processor times tells more
 * where other processes compete for the cores; threads that spin count as busy.
 */
public final class EncoderRatio {

  private static final int WARM_UP = 6;
  private static final int MICRO_BATCHES = 2;

  private EncoderRatio() {}

  /** Runs the comparison. */
  public static void main(String[] arguments) throws Exception {
    EngineKind kind = EngineKind.valueOf(arguments[0].toUpperCase(Locale.ROOT));
    int size = Integer.parseInt(arguments[3]);
    int count = Integer.parseInt(arguments[4]);
    int threads = Integer.parseInt(arguments[5]);
    int rounds = arguments.length > 6 ? Integer.parseInt(arguments[6]) : 5;
    EncoderSettings settings =
        settings(Integer.parseInt(arguments[1]), Double.parseDouble(arguments[2]), size);
    Random random = new Random(1);
    byte[] bytes = new byte[count * 3 * size * size];
    random.nextBytes(bytes);
    float[] views = new float[bytes.length];
    for (int i = 0; i < views.length; i++) {
      views[i] = (bytes[i] & 0xFF) / 255f;
    }
    float[] dz = new float[MICRO_BATCHES * count * settings.embeddingSize()];
    for (int i = 0; i < dz.length; i++) {
      dz[i] = (float) random.nextGaussian() / count;
    }
    ShardViews shard = new ShardViews(count, bytes, bytes, List.of(), List.of());
    for (String format : new String[] {"contiguous", "channels_last"}) {
      Path folder = Files.createTempDirectory("libtorch");
      EngineSettings engines = new EngineSettings(kind, Precision.FLOAT32, threads);
      try (Engine engine = Engines.create(settings, engines)) {
        float[] parameters = engine.initialParameters(1);
        float[] upstream = Arrays.copyOf(dz, dz.length / MICRO_BATCHES);
        try (LibtorchProcess libtorch =
            new LibtorchProcess(
                settings,
                count,
                threads,
                format,
                Map.of(),
                LibtorchProcess.SMALL_HEAP,
                folder,
                parameters,
                views,
                upstream)) {
          Shard work = new Shard(engine, parameters, shard, new MicroBatches(count, count), dz);
          compare(format, work, libtorch, rounds);
        }
      }
      for (String name : new String[] {"parameters.bin", "views.bin", "gradients.bin"}) {
        Files.deleteIfExists(folder.resolve(name));
      }
      Files.delete(folder);
    }
  }

  /** The network that is measured: batch norm, a head of 2 layers, d = 128. */
  static EncoderSettings settings(int depth, double width, int size) {
    Stem stem = size >= 96 ? Stem.IMAGENET : Stem.SMALL;
    int hidden = depth >= 50 ? 2048 : 512;
    return new EncoderSettings(
        depth, width, stem, Norm.BATCH, size, false, Initialization.SIMCLR, 2, hidden, 128);
  }

  /** A shard's work on an engine. */
  private record Shard(
      Engine engine, float[] parameters, ShardViews views, MicroBatches batches, float[] dz) {

    void run() {
      ShardPass pass = new ShardPass(UUID.randomUUID(), 0, Long.MAX_VALUE);
      engine.load(pass.step(), parameters);
      engine.embed(pass, views, batches);
      engine.backward(pass, views, batches, dz);
    }
  }

  private static void compare(String format, Shard shard, LibtorchProcess libtorch, int rounds)
      throws Exception {
    double[] ours = new double[rounds];
    double[] theirs = new double[rounds];
    double[] ratios = new double[rounds];
    double[] processorRatios = new double[rounds];
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    for (int round = -WARM_UP; round < rounds; round++) {
      long processor = system.getProcessCpuTime();
      long start = System.nanoTime();
      shard.run();
      double mine = (System.nanoTime() - start) / 1e9;
      double busy = (system.getProcessCpuTime() - processor) / 1e9;
      double[] pair = libtorch.pair();
      if (round >= 0) {
        ours[round] = mine;
        theirs[round] = pair[0];
        ratios[round] = pair[0] / mine;
        processorRatios[round] = pair[1] / busy;
      }
    }
    int views = MICRO_BATCHES * shard.views.images();
    System.out.printf(
        Locale.ROOT,
        "{\"libtorch_format\":\"%s\",\"views_per_second\":%.1f,"
            + "\"libtorch_views_per_second\":%.1f,\"ratio\":%.3f,\"processor_time_ratio\":%.3f,\"libtorch_peak_bytes\":%d}%n",
        format,
        views / median(ours),
        views / median(theirs),
        median(ratios),
        median(processorRatios),
        libtorch.peakBytes());
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
