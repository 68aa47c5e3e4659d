package org.simclrspark.worker.bench;

import java.util.List;
import java.util.Random;
import org.simclrspark.worker.network.EncoderSettings;
import org.simclrspark.worker.shard.MicroBatches;
import org.simclrspark.worker.shard.ShardViews;

/**
 * A shard of random views, and a gradient at its embeddings.
 *
 * @param views of its images
 * @param batches how they are split
 * @param upstream dL/dz of its rows, [2 images, d], row-major
 */
record RandomShard(ShardViews views, MicroBatches batches, float[] upstream) {

  /** Makes one of so many images, the same each time. */
  static RandomShard of(EncoderSettings settings, int images, int microBatch) {
    byte[] first = new byte[images * 3 * settings.imageSize() * settings.imageSize()];
    byte[] second = new byte[first.length];
    new Random(2).nextBytes(first);
    new Random(4).nextBytes(second);
    float[] upstream = new float[2 * images * settings.embeddingSize()];
    Random random = new Random(3);
    for (int i = 0; i < upstream.length; i++) {
      upstream[i] = (float) random.nextGaussian();
    }
    return new RandomShard(
        new ShardViews(images, first, second, List.of(), List.of()),
        new MicroBatches(images, microBatch),
        upstream);
  }

  /** Bytes that must cross an engine's boundary for it: its views, and dL/dz. */
  long idealBytesIn() {
    return 2L * views.first().length + (long) upstream.length * Float.BYTES;
  }
}
