package org.simclrspark.worker;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.simclrspark.worker.engine.Engine;
import org.simclrspark.worker.network.EncoderSettings;
import org.simclrspark.worker.shard.MicroBatches;
import org.simclrspark.worker.shard.ShardPass;
import org.simclrspark.worker.shard.ShardViews;

/** Shards of random views, and what engines make of them. */
final class TestShards {

  private TestShards() {}

  /** What a shard comes to. */
  record Result(float[] embeddings, float[] statistics, float[] gradient) {

    boolean hasBitsOf(Result other) {
      return Arrays.equals(embeddings, other.embeddings)
          && Arrays.equals(statistics, other.statistics)
          && Arrays.equals(gradient, other.gradient);
    }
  }

  /** Random views of some images. */
  static ShardViews views(EncoderSettings settings, int images, long seed) {
    byte[] first = new byte[images * 3 * settings.imageSize() * settings.imageSize()];
    byte[] second = new byte[first.length];
    Random random = new Random(seed);
    random.nextBytes(first);
    random.nextBytes(second);
    return new ShardViews(images, first, second, List.of(), List.of());
  }

  /** The first images of a shard. */
  static ShardViews first(ShardViews views, int images) {
    int length = views.first().length / views.images() * images;
    return new ShardViews(
        images,
        Arrays.copyOf(views.first(), length),
        Arrays.copyOf(views.second(), length),
        List.of(),
        List.of());
  }

  /** Values of the first views, [images, 3, size, size]. */
  static float[] values(ShardViews views) {
    float[] values = new float[views.first().length];
    views.expand(0, 0, values);
    return values;
  }

  /** Values from a normal distribution. */
  static float[] normal(int length, long seed) {
    Random random = new Random(seed);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Runs a shard forward and backward, with parameters that are loaded. */
  static Result run(Engine engine, ShardViews views, int microBatch, float[] dz, long memory) {
    ShardPass pass = new ShardPass(UUID.randomUUID(), 0, memory);
    MicroBatches batches = new MicroBatches(views.images(), microBatch);
    float[] embeddings = engine.embed(pass, views, batches);
    Engine.Sum sum = engine.backward(pass, views, batches, Arrays.copyOf(dz, embeddings.length));
    return new Result(embeddings, sum.statistics(), sum.gradient());
  }

  /** Norm of the difference over the norm of what is expected. */
  static double difference(float[] found, float[] expected) {
    double difference = 0;
    double size = 0;
    for (int i = 0; i < found.length; i++) {
      difference += Math.pow((double) found[i] - expected[i], 2);
      size += Math.pow(expected[i], 2);
    }
    return Math.sqrt(difference / size);
  }
}
