package org.simclrspark.worker.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.UUID;
import org.simclrspark.worker.EncoderSettings;
import org.simclrspark.worker.Engine;
import org.simclrspark.worker.EngineSettings;
import org.simclrspark.worker.Engines;
import org.simclrspark.worker.MicroBatches;
import org.simclrspark.worker.Natives;
import org.simclrspark.worker.Network;
import org.simclrspark.worker.ShardPass;
import org.simclrspark.worker.ShardViews;
import org.simclrspark.worker.onednn.GemmRate;

/** Times an engine's forward, backward and update on two micro-batches of random views. */
public final class EncoderBench {

  private static final int WARM_UP = 8;

  private EncoderBench() {}

  /**
   * Measures.
   *
   * @param count views in a micro-batch
   * @param rounds that count; reported times are their medians
   * @return sizes, seconds of a micro-batch (forward, backward, and update: loading new
   *     parameters), rates, the bytes that crossed the engine's boundary in a round, and the peak
   *     of the process's resident memory in bytes
   */
  public static Map<String, Object> run(
      EncoderSettings settings, EngineSettings engines, int count, int rounds) {
    int threads = engines.threads();
    Network network = new Network(settings);
    double gemm = GemmRate.measure(threads, Natives::limitThread);
    double[][] seconds = new double[3][rounds];
    long activationBytes;
    Engine.Traffic traffic;
    try (Engine engine = Engines.create(settings, engines)) {
      float[] parameters = engine.initialParameters(1);
      MicroBatches batches = new MicroBatches(count, count);
      ShardViews views = views(count, settings.imageSize());
      float[] upstream = random(2 * count * settings.embeddingSize(), 3);
      activationBytes = engine.activationBytes(count);
      traffic = engine.traffic();
      for (int round = -WARM_UP; round < rounds; round++) {
        ShardPass pass = new ShardPass(UUID.randomUUID(), 0, Long.MAX_VALUE);
        Engine.Traffic before = engine.traffic();
        long start = System.nanoTime();
        engine.load(pass.step(), parameters);
        long loaded = System.nanoTime();
        engine.embed(pass, views, batches);
        long embedded = System.nanoTime();
        engine.backward(pass, views, batches, upstream);
        long end = System.nanoTime();
        traffic = engine.traffic().since(before);
        if (round >= 0) {
          seconds[0][round] = (embedded - loaded) / 1e9 / batches.count();
          seconds[1][round] = (end - embedded) / 1e9 / batches.count();
          seconds[2][round] = (loaded - start) / 1e9 / batches.count();
        }
      }
    }
    double forward = median(seconds[0]);
    double backward = median(seconds[1]);
    double update = median(seconds[2]);
    double total = forward + backward + update;
    double gflops = network.trainingOperations() * count / (forward + backward) / 1e9;
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("engine", engines.kind().name().toLowerCase(Locale.ROOT));
    result.put("precision", engines.precision().name().toLowerCase(Locale.ROOT));
    result.put("depth", settings.depth());
    result.put("width", settings.width());
    result.put("size", settings.imageSize());
    result.put("batch", count);
    result.put("threads", threads);
    result.put("parameters", network.layout().size());
    result.put("images_per_second", count / total);
    result.put("forward_seconds", forward);
    result.put("backward_seconds", backward);
    result.put("update_seconds", update);
    result.put("gflops", gflops);
    result.put("gemm_gflops", gemm);
    result.put("ratio", gflops / gemm);
    result.put("activation_bytes", activationBytes);
    result.put("bytes_in", traffic.in());
    result.put("bytes_out", traffic.out());
    result.put("peak_bytes", peakBytes());
    return result;
  }

  private static ShardViews views(int images, int size) {
    byte[] first = new byte[images * 3 * size * size];
    byte[] second = new byte[first.length];
    new Random(2).nextBytes(first);
    new Random(4).nextBytes(second);
    return new ShardViews(images, first, second, List.of(), List.of());
  }

  private static float[] random(int length, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextDouble();
    }
    return values;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /** Peak of this process's resident memory; 0 where the system does not tell. */
  private static long peakBytes() {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return 0;
    }
    try (var lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith("VmHWM"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
