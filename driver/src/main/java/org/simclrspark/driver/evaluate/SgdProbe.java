package org.simclrspark.driver.evaluate;

import java.util.Iterator;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.config.EvaluateConfig.Sgd;
import org.simclrspark.driver.config.OptimizerConfig.Schedule;
import org.simclrspark.driver.optimizer.LearningRate;
import org.simclrspark.worker.machine.Natives;
import org.simclrspark.worker.onednn.SoftmaxTiles;

/**
 * The linear probe of Chen et al. 2020 (appendix B.6): softmax regression on h by SGD with
 * Nesterov's momentum of 0.9, a rate of {@code learningRate} K / 256 that falls to 0 by a half
 * cosine, no weight decay and no warm-up. Weights start at zero, as in the published command
 * ({@code zero_init_logits_layer}). Each epoch sees other crops of the training images.
 */
final class SgdProbe {

  private static final float MOMENTUM = 0.9f;
  private static final double BATCH_OF_RATE = 256;

  /** What one array can hold. */
  private static final long MOST_BYTES = (Integer.MAX_VALUE - 8L) * Float.BYTES;

  private final Sgd settings;
  private final int classes;
  private final long seed;
  private final int threads;

  /**
   * Makes the probe.
   *
   * @param classes their number; labels are below it
   * @param threads of the driver
   */
  SgdProbe(Sgd settings, int classes, long seed, int threads) {
    this.settings = settings;
    this.classes = classes;
    this.seed = seed;
    this.threads = threads;
  }

  /** A classifier and how it moves. */
  private record Momentum(float[] values, float[] velocity) {

    Momentum(int length) {
      this(new float[length], new float[length]);
    }

    void step(float[] gradient, int batch, float rate) {
      for (int i = 0; i < values.length; i++) {
        float mean = gradient[i] / batch;
        velocity[i] = MOMENTUM * velocity[i] + mean;
        values[i] -= rate * (mean + MOMENTUM * velocity[i]);
      }
    }
  }

  /**
   * Refuses images whose h do not fit on the driver.
   *
   * @param images to learn from, or to predict
   * @param size of h
   * @throws ConfigurationException if they do not fit
   */
  static void requireRoom(long images, int size) {
    long bytes = Math.multiplyExact(images * size, Float.BYTES);
    long most = Math.min(MOST_BYTES, Runtime.getRuntime().maxMemory() / 3);
    if (bytes > most) {
      throw new ConfigurationException(
          String.format(
              Locale.ROOT,
              "evaluate.linear.sgd.enabled: h of all images must take at most a third of the"
                  + " driver's heap, and never more than 8,191 MiB: %,d MiB here, found %,d MiB"
                  + " (%,d images, %,d values each). Give the driver more memory"
                  + " (SIMCLR_DRIVER_MEMORY), take fewer images, or set"
                  + " evaluate.linear.sgd.enabled=false.",
              most >> 20,
              bytes >> 20,
              images,
              size));
    }
  }

  /**
   * Fits on training images and predicts test images.
   *
   * @param train h of all training images for an epoch, counted from 0; closed after use
   * @return the fraction of test images whose class was predicted, in [0, 1]
   */
  double accuracy(IntFunction<Rows> train, Rows test) {
    int size = test.size();
    Momentum weights = new Momentum(classes * size);
    Momentum biases = new Momentum(classes);
    LearningRate rate = null;
    long step = 0;
    try (SoftmaxTiles tiles = new SoftmaxTiles(classes, size, threads, Natives::limitThread)) {
      tiles.load(weights.values(), biases.values());
      for (int epoch = 0; epoch < settings.epochs(); epoch++) {
        Table table;
        try (Rows rows = train.apply(epoch)) {
          table = Table.of(rows);
        }
        int batch = Math.min(settings.batch(), table.labels.length);
        int steps = table.labels.length / batch;
        if (rate == null) {
          double peak = settings.learningRate() * batch / BATCH_OF_RATE;
          rate = new LearningRate(peak, 0, (long) steps * settings.epochs(), Schedule.COSINE);
        }
        int[] order = shuffled(table.labels.length, epoch);
        for (int i = 0; i < steps; i++) {
          SoftmaxTiles.Loss loss = table.loss(tiles, order, i * batch, batch);
          float now = (float) rate.at(step++);
          weights.step(loss.weights(), batch, now);
          biases.step(loss.biases(), batch, now);
          tiles.load(weights.values(), biases.values());
        }
      }
      Table images = Table.of(test);
      int count = images.labels.length;
      return (double) tiles.right(images::copy, images::label, count) / count;
    }
  }

  private int[] shuffled(int count, int epoch) {
    SplittableRandom random = new SplittableRandom(31 * seed + epoch);
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      int other = random.nextInt(i + 1);
      order[i] = order[other];
      order[other] = i;
    }
    return order;
  }

  /** All rows on the driver, [count, size]. */
  private record Table(float[] values, int[] labels, int size) {

    static Table of(Rows rows) {
      requireRoom(rows.count(), rows.size());
      float[] values = new float[Math.toIntExact(rows.count() * rows.size())];
      int[] labels = new int[Math.toIntExact(rows.count())];
      float[] row = new float[rows.size()];
      int at = 0;
      Iterator<? extends RowBlock> blocks = rows.blocks().toLocalIterator();
      while (blocks.hasNext()) {
        RowBlock block = blocks.next();
        for (int i = 0; i < block.count(); i++, at++) {
          block.copy(i, row);
          System.arraycopy(row, 0, values, at * row.length, row.length);
          labels[at] = block.label(i);
        }
      }
      return new Table(values, labels, rows.size());
    }

    SoftmaxTiles.Loss loss(SoftmaxTiles tiles, int[] order, int from, int count) {
      return tiles.loss(
          (row, target) -> copy(order[from + row], target), row -> label(order[from + row]), count);
    }

    void copy(int row, float[] target) {
      System.arraycopy(values, row * size, target, 0, size);
    }

    int label(int row) {
      return labels[row];
    }
  }
}
