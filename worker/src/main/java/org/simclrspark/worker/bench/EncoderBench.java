package org.simclrspark.worker.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.simclrspark.worker.Engines;
import org.simclrspark.worker.engine.Engine;
import org.simclrspark.worker.engine.EngineSettings;
import org.simclrspark.worker.network.EncoderSettings;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.shard.ShardPass;

/** Times an engine's forward, backward and update on two micro-batches of random views. */
public final class EncoderBench {

  private static final int WARM_UP = 8;

  private EncoderBench() {}

  /**
   * As {@link #run(EncoderSettings, EngineSettings, int, int, int)}, with rounds enough before for
   * all code to be compiled.
   */
  public static Map<String, Object> run(
      EncoderSettings settings, EngineSettings engines, int count, int rounds) {
    return run(settings, engines, count, WARM_UP, rounds);
  }

  /**
   * Measures.
   *
   * @param count views in a micro-batch
   * @param warmUp rounds that do not count
   * @param rounds that count; reported times are their medians
   * @return sizes; seconds of a micro-batch forward and backward, of loading new parameters, and of
   *     a shard beside its micro-batches (its gradient is made zero and read); {@code
   *     views_per_second} by the first two, {@code images_per_second} by all over two
   *     micro-batches; the bytes that crossed the engine's boundary in a round beside those that
   *     must, and the peak of the process's resident memory
   */
  public static Map<String, Object> run(
      EncoderSettings settings, EngineSettings engines, int count, int warmUp, int rounds) {
    int threads = engines.threads();
    Network network = new Network(settings);
    double[][] seconds = new double[4][rounds];
    long activationBytes;
    Engine.Traffic traffic;
    RandomShard shard = RandomShard.of(settings, count, count);
    RandomShard nothing = RandomShard.of(settings, 0, count);
    int microBatches = shard.batches().count();
    try (Engine engine = Engines.create(settings, engines)) {
      float[] parameters = engine.initialParameters(1);
      activationBytes = engine.activationBytes(count);
      traffic = engine.traffic();
      for (int round = -warmUp; round < rounds; round++) {
        ShardPass pass = new ShardPass(UUID.randomUUID(), 0, Long.MAX_VALUE);
        Engine.Traffic before = engine.traffic();
        long start = System.nanoTime();
        engine.load(pass.step(), parameters);
        long loaded = System.nanoTime();
        engine.embed(pass, shard.views(), shard.batches());
        long embedded = System.nanoTime();
        engine.backward(pass, shard.views(), shard.batches(), shard.upstream());
        long end = System.nanoTime();
        traffic = engine.traffic().since(before);
        engine.backward(pass, nothing.views(), nothing.batches(), nothing.upstream());
        long empty = System.nanoTime();
        if (round >= 0) {
          seconds[0][round] = (embedded - loaded) / 1e9 / microBatches;
          seconds[1][round] = ((end - embedded) - (empty - end)) / 1e9 / microBatches;
          seconds[2][round] = (loaded - start) / 1e9;
          seconds[3][round] = (empty - end) / 1e9;
        }
      }
    }
    double forward = median(seconds[0]);
    double backward = median(seconds[1]);
    double load = median(seconds[2]);
    double shared = median(seconds[3]);
    double total = forward + backward + (load + shared) / microBatches;
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
    result.put("load_seconds", load);
    result.put("shard_seconds", shared);
    result.put("views_per_second", count / (forward + backward));
    result.put("gflops", gflops);
    result.put("activation_bytes", activationBytes);
    long parameterBytes = 4L * network.layout().size();
    long idealOut = 4L * (shard.upstream().length + network.statisticsSize()) + parameterBytes;
    result.put("bytes_in", traffic.in());
    result.put("bytes_in_ideal", parameterBytes + shard.idealBytesIn());
    result.put("bytes_out", traffic.out());
    result.put("bytes_out_ideal", idealOut);
    result.put("peak_bytes", peakBytes());
    return result;
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
