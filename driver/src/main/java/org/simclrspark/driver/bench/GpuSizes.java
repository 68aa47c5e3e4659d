package org.simclrspark.driver.bench;

import java.util.List;
import org.simclrspark.worker.engine.Precision;
import org.simclrspark.worker.network.EncoderSettings;
import org.simclrspark.worker.network.EncoderSettings.Initialization;
import org.simclrspark.worker.network.EncoderSettings.Norm;
import org.simclrspark.worker.network.EncoderSettings.Stem;

/**
 * How large the parts of {@link BenchGpuCommand} are.
 *
 * @param networks that are timed
 * @param precisions that each is timed in
 * @param images of the shard at which engines are compared
 * @param warmUp rounds that do not count
 * @param rounds that count
 * @param side of the matrices of the product that rates are held against
 * @param views of the batches whose loss is timed
 * @param manyMicroBatches over which memory must stay as it is
 */
record GpuSizes(
    List<Timed> networks,
    List<Precision> precisions,
    int images,
    int warmUp,
    int rounds,
    int side,
    List<Integer> views,
    int manyMicroBatches) {

  /** A network and the micro-batches that it is timed with, in views. */
  record Timed(EncoderSettings settings, List<Integer> microBatches) {}

  /** For a GPU: the networks of the presets in full, in every precision. */
  static GpuSizes ofGpu() {
    return new GpuSizes(
        List.of(
            new Timed(encoder(18, 1, Stem.SMALL, 32), List.of(64, 256, 1024)),
            new Timed(encoder(50, 1, Stem.IMAGENET, 224), List.of(32, 64, 128, 256))),
        List.of(Precision.values()),
        32,
        8,
        5,
        8192,
        List.of(16_384, 65_536),
        1_000);
  }

  /** For a CPU: narrow networks, for a run of less than a minute. */
  static GpuSizes ofCpu() {
    return new GpuSizes(
        List.of(
            new Timed(encoder(18, 0.25, Stem.SMALL, 32), List.of(8, 16)),
            new Timed(encoder(50, 0.25, Stem.IMAGENET, 64), List.of(4))),
        List.of(Precision.FLOAT32, Precision.BFLOAT16),
        16,
        1,
        3,
        512,
        List.of(512),
        100);
  }

  private static EncoderSettings encoder(int depth, double width, Stem stem, int size) {
    int hidden = depth >= 50 ? 2048 : 512;
    return new EncoderSettings(
        depth,
        width,
        stem,
        Norm.BATCH,
        size,
        false,
        Initialization.TORCHVISION,
        2,
        (int) (hidden * width),
        128);
  }
}
