package org.simclrspark.worker.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.simclrspark.worker.EncoderSettings;
import org.simclrspark.worker.Engine;
import org.simclrspark.worker.Engines;
import org.simclrspark.worker.Natives;
import org.simclrspark.worker.Network;
import org.simclrspark.worker.onednn.GemmRate;

/** Times an engine's forward, backward and update on a micro-batch of random views. */
public final class EncoderBench {

  private static final int WARM_UP = 8;

  private EncoderBench() {}

  /**
   * Measures.
   *
   * @param count views in the micro-batch
   * @param rounds that count; reported times are their medians
   * @return sizes, seconds (forward, backward, and update: loading new parameters), rates and the
   *     peak of the process's resident memory in bytes
   */
  public static Map<String, Object> run(
      EncoderSettings settings, int count, int threads, int rounds) {
    Network network = new Network(settings);
    double gemm = GemmRate.measure(threads, Natives::limitThread);
    double[][] seconds = new double[3][rounds];
    long activationBytes;
    try (Engine engine = Engines.create(settings, threads)) {
      float[] parameters = engine.initialParameters(1);
      float[] views = random(count * 3 * settings.imageSize() * settings.imageSize(), 2);
      float[] upstream = random(count * settings.embeddingSize(), 3);
      float[] gradient = new float[parameters.length];
      activationBytes = engine.activationBytes(count);
      for (int round = -WARM_UP; round < rounds; round++) {
        long start = System.nanoTime();
        engine.load(parameters);
        long loaded = System.nanoTime();
        long embedded;
        try (Engine.Activations activations = engine.forward(views, count)) {
          embedded = System.nanoTime();
          engine.backward(activations, upstream, gradient);
        }
        long end = System.nanoTime();
        if (round >= 0) {
          seconds[0][round] = (embedded - loaded) / 1e9;
          seconds[1][round] = (end - embedded) / 1e9;
          seconds[2][round] = (loaded - start) / 1e9;
        }
      }
    }
    double forward = median(seconds[0]);
    double backward = median(seconds[1]);
    double update = median(seconds[2]);
    double total = forward + backward + update;
    double gflops = network.trainingOperations() * count / (forward + backward) / 1e9;
    Map<String, Object> result = new LinkedHashMap<>();
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
    result.put("peak_bytes", peakBytes());
    return result;
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
