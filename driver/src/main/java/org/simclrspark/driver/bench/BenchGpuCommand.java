package org.simclrspark.driver.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.simclrspark.driver.cli.Benchmark;
import org.simclrspark.worker.bench.EncoderBench;
import org.simclrspark.worker.bench.EngineProof;
import org.simclrspark.worker.bench.LossProof;
import org.simclrspark.worker.bench.MemoryProof;
import org.simclrspark.worker.engine.EngineKind;
import org.simclrspark.worker.engine.EngineSettings;
import org.simclrspark.worker.engine.Precision;
import org.simclrspark.worker.libtorch.LibtorchRates;
import org.simclrspark.worker.machine.GpuMemory;
import org.simclrspark.worker.machine.LibtorchLibraries;
import org.simclrspark.worker.machine.Natives;
import org.simclrspark.worker.network.EncoderSettings;
import picocli.CommandLine.Command;

/** Whether a GPU computes what it should, and how fast: everything about it in one command. */
@Command(
    name = "gpu",
    description = {
      "Proves the engine on libtorch on this machine's GPU: agreement with the engine for CPUs, the",
      "same bits each time, rates beside those of a large matrix product and of copies, bytes over",
      "the bus, memory, the loss, and a training by one task and by two.",
      "Without a build for GPUs (-Plibtorch-gpu) it does the same on the CPU, in small sizes."
    },
    sortOptions = false)
public final class BenchGpuCommand extends Benchmark {

  private static final double TEMPERATURE = 0.1;

  private static final int DIMENSION = 128;

  private boolean proven = true;

  @Override
  protected Map<String, Object> measure() {
    Natives.prepare();
    LibtorchLibraries.load();
    boolean isGpu = LibtorchLibraries.isForGpus();
    GpuSizes sizes = isGpu ? GpuSizes.ofGpu() : GpuSizes.ofCpu();
    if (!isGpu) {
      say("This build is for CPUs: what follows is a try of the code in small sizes, no figures.");
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("gpu", isGpu);
    result.put("rates", rates(sizes));
    result.put("proofs", proofs(sizes));
    result.put("encoders", encoders(sizes));
    result.put("loss", losses(sizes));
    result.put("memory", memory(sizes));
    result.put("training", training(sizes.networks().get(0).settings()));
    result.put("device_bytes", GpuMemory.usedBytes());
    result.put("proven", proven);
    return result;
  }

  private List<Map<String, Object>> rates(GpuSizes sizes) {
    List<Map<String, Object>> all = new ArrayList<>();
    for (Precision precision : sizes.precisions()) {
      LibtorchRates rates = LibtorchRates.measure(threads(), precision, sizes.side());
      say(rates.device());
      say(
          "  product of %d x %d: %,.0f GFLOP/s; copies: %.1f GB/s in, %.1f out, %.1f within",
          sizes.side(),
          sizes.side(),
          rates.gflops(),
          rates.bytesToDevice() / 1e9,
          rates.bytesFromDevice() / 1e9,
          rates.bytesOnDevice() / 1e9);
      Map<String, Object> values = new LinkedHashMap<>();
      values.put("device", rates.device());
      values.put("precision", name(precision));
      values.put("gemm_gflops", rates.gflops());
      values.put("bytes_to_device_per_second", rates.bytesToDevice());
      values.put("bytes_from_device_per_second", rates.bytesFromDevice());
      values.put("bytes_on_device_per_second", rates.bytesOnDevice());
      all.add(values);
    }
    return all;
  }

  private List<Map<String, Object>> proofs(GpuSizes sizes) {
    List<Map<String, Object>> all = new ArrayList<>();
    for (GpuSizes.Timed timed : sizes.networks()) {
      EngineProof proof =
          EngineProof.of(timed.settings(), EngineKind.LIBTORCH, threads(), sizes.images());
      say(
          "%s in float32 beside the CPU's engine: embeddings differ by %.1e, gradient by %.1e;"
              + " twice: %s",
          title(timed.settings()),
          proof.embeddings(),
          proof.gradient(),
          proof.sameBits() ? "the same bits" : "OTHER BITS");
      proven &= proof.holds();
      Map<String, Object> values = new LinkedHashMap<>();
      values.put("depth", timed.settings().depth());
      values.put("embeddings_difference", proof.embeddings());
      values.put("gradient_difference", proof.gradient());
      values.put("same_bits", proof.sameBits());
      values.put("holds", proof.holds());
      all.add(values);
    }
    return all;
  }

  private List<Map<String, Object>> encoders(GpuSizes sizes) {
    List<Map<String, Object>> all = new ArrayList<>();
    for (GpuSizes.Timed timed : sizes.networks()) {
      for (Precision precision : sizes.precisions()) {
        for (int microBatch : timed.microBatches()) {
          all.add(encoder(timed.settings(), precision, microBatch, sizes));
        }
      }
    }
    return all;
  }

  private Map<String, Object> encoder(
      EncoderSettings settings, Precision precision, int microBatch, GpuSizes sizes) {
    EngineSettings engines = new EngineSettings(EngineKind.LIBTORCH, precision, threads());
    String what = title(settings) + ", " + name(precision) + ", micro-batch " + microBatch + ": ";
    Map<String, Object> values;
    try {
      values = EncoderBench.run(settings, engines, microBatch, sizes.warmUp(), sizes.rounds());
    } catch (IllegalStateException e) {
      // The largest need not fit every card.
      say("%sdid not run: %s", what, e.getMessage().lines().findFirst().orElse(""));
      return Map.of("precision", name(precision), "batch", microBatch, "failure", e.getMessage());
    }
    say(
        "%s%.0f views/s (forward %.1f ms, backward %.1f ms); a shard's gradient %.1f ms, parameters"
            + " %.1f ms; bytes in %.2f and out %.2f times those that must",
        what,
        values.get("views_per_second"),
        1e3 * (Double) values.get("forward_seconds"),
        1e3 * (Double) values.get("backward_seconds"),
        1e3 * (Double) values.get("shard_seconds"),
        1e3 * (Double) values.get("load_seconds"),
        ratio(values, "bytes_in"),
        ratio(values, "bytes_out"));
    return values;
  }

  private static double ratio(Map<String, Object> values, String bytes) {
    return ((Long) values.get(bytes)).doubleValue() / (Long) values.get(bytes + "_ideal");
  }

  private List<Map<String, Object>> losses(GpuSizes sizes) {
    List<Map<String, Object>> all = new ArrayList<>();
    for (int views : sizes.views()) {
      LossProof proof = LossProof.of(views, DIMENSION, TEMPERATURE, threads());
      say(
          "loss and gradient of %d rows: %.3f s, on the CPU %.3f s; gradient differs by %.1e, the"
              + " logarithms by %.1e; twice: %s",
          views,
          proof.seconds(),
          proof.cpuSeconds(),
          proof.gradient(),
          proof.logNormalisers(),
          proof.sameBits() ? "the same bits" : "OTHER BITS");
      proven &= proof.holds();
      Map<String, Object> values = new LinkedHashMap<>();
      values.put("views", views);
      values.put("seconds", proof.seconds());
      values.put("cpu_seconds", proof.cpuSeconds());
      values.put("gradient_difference", proof.gradient());
      values.put("log_normaliser_difference", proof.logNormalisers());
      values.put("nearest_positives_difference", proof.nearestPositives());
      values.put("same_bits", proof.sameBits());
      all.add(values);
    }
    return all;
  }

  private Map<String, Object> memory(GpuSizes sizes) {
    GpuSizes.Timed timed = sizes.networks().get(0);
    EngineSettings engines = new EngineSettings(EngineKind.LIBTORCH, Precision.FLOAT32, threads());
    MemoryProof proof =
        MemoryProof.of(
            timed.settings(), engines, sizes.manyMicroBatches(), timed.microBatches().get(0));
    proven &= proof.holds();
    say(
        "%,d micro-batches: memory beside the heap %.0f MB, then %.0f MB more; of the GPU %.0f MB more",
        proof.microBatches(),
        proof.nativeBefore() / 1e6,
        proof.nativeBytes() / 1e6,
        proof.deviceBytes() / 1e6);
    return Map.of(
        "micro_batches", proof.microBatches(),
        "native_bytes_before", proof.nativeBefore(),
        "native_bytes_grown", proof.nativeBytes(),
        "device_bytes_grown", proof.deviceBytes());
  }

  private Map<String, Object> training(EncoderSettings settings) {
    EngineSettings engines = new EngineSettings(EngineKind.LIBTORCH, Precision.FLOAT32, 1);
    String one = TaskPairTraining.hash(settings, engines, 1);
    String two = TaskPairTraining.hash(settings, engines, 2);
    boolean isSame = one.equals(two);
    proven &= isSame;
    say("a training by one task and by two: %s", isSame ? "the same bits" : "OTHER BITS");
    return Map.of("parameters_sha256", one, "same_bits", isSame);
  }

  private static String title(EncoderSettings settings) {
    return String.format(
        Locale.ROOT,
        "ResNet-%d (width %s), %d px",
        settings.depth(),
        settings.width(),
        settings.imageSize());
  }

  private static String name(Precision precision) {
    return precision.name().toLowerCase(Locale.ROOT);
  }

  private static void say(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }
}
