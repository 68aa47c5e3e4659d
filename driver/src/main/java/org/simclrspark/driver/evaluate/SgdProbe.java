package org.simclrspark.driver.evaluate;

import dev.ludovic.netlib.blas.BLAS;
import dev.ludovic.netlib.blas.JavaBLAS;
import java.util.Iterator;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.config.EvaluateConfig.Sgd;
import org.simclrspark.driver.config.OptimizerConfig.Schedule;
import org.simclrspark.driver.optimizer.LearningRate;

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
  private final BLAS blas = JavaBLAS.getInstance();

  /** Weights, [classes, size], then biases, [classes]. */
  private float[] parameters;

  private float[] velocity;

  SgdProbe(Sgd settings, int classes, long seed) {
    this.settings = settings;
    this.classes = classes;
    this.seed = seed;
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
    LearningRate rate = null;
    long step = 0;
    for (int epoch = 0; epoch < settings.epochs(); epoch++) {
      Table table;
      try (Rows rows = train.apply(epoch)) {
        table = Table.of(rows);
      }
      int batch = Math.min(settings.batch(), table.labels.length);
      int steps = table.labels.length / batch;
      if (rate == null) {
        parameters = new float[classes * (table.size + 1)];
        velocity = new float[parameters.length];
        double peak = settings.learningRate() * batch / BATCH_OF_RATE;
        rate = new LearningRate(peak, 0, (long) steps * settings.epochs(), Schedule.COSINE);
      }
      int[] order = shuffled(table.labels.length, epoch);
      for (int i = 0; i < steps; i++) {
        step(table.select(order, i * batch, batch), (float) rate.at(step++));
      }
    }
    Table images = Table.of(test);
    float[] logits = logits(images);
    int right = 0;
    for (int row = 0; row < images.labels.length; row++) {
      right += best(logits, row) == images.labels[row] ? 1 : 0;
    }
    return (double) right / images.labels.length;
  }

  private void step(Table batch, float rate) {
    int count = batch.labels.length;
    float[] errors = logits(batch);
    for (int row = 0; row < count; row++) {
      softmax(errors, row);
      errors[row * classes + batch.labels[row]] -= 1;
    }
    float[] gradient = new float[parameters.length];
    // Column-major: gradient [size, classes] = rows [size, count] errors^T [count, classes].
    blas.sgemm(
        "N",
        "T",
        batch.size,
        classes,
        count,
        1f / count,
        batch.values,
        batch.size,
        errors,
        classes,
        0,
        gradient,
        batch.size);
    for (int row = 0; row < count; row++) {
      for (int c = 0; c < classes; c++) {
        gradient[classes * batch.size + c] += errors[row * classes + c] / count;
      }
    }
    for (int i = 0; i < parameters.length; i++) {
      velocity[i] = MOMENTUM * velocity[i] + gradient[i];
      parameters[i] -= rate * (gradient[i] + MOMENTUM * velocity[i]);
    }
  }

  /** [count, classes]. */
  private float[] logits(Table table) {
    int count = table.labels.length;
    float[] logits = new float[count * classes];
    for (int row = 0; row < count; row++) {
      System.arraycopy(parameters, classes * table.size, logits, row * classes, classes);
    }
    // Column-major: logits [classes, count] += weights^T [classes, size] rows [size, count].
    blas.sgemm(
        "T",
        "N",
        classes,
        count,
        table.size,
        1,
        parameters,
        table.size,
        table.values,
        table.size,
        1,
        logits,
        classes);
    return logits;
  }

  private void softmax(float[] logits, int row) {
    float greatest = logits[row * classes + best(logits, row)];
    double sum = 0;
    for (int i = row * classes; i < (row + 1) * classes; i++) {
      logits[i] = (float) StrictMath.exp(logits[i] - greatest);
      sum += logits[i];
    }
    for (int i = row * classes; i < (row + 1) * classes; i++) {
      logits[i] /= (float) sum;
    }
  }

  private int best(float[] logits, int row) {
    int best = 0;
    for (int c = 1; c < classes; c++) {
      if (logits[row * classes + c] > logits[row * classes + best]) {
        best = c;
      }
    }
    return best;
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

    Table select(int[] order, int from, int count) {
      float[] selected = new float[count * size];
      int[] theirs = new int[count];
      for (int i = 0; i < count; i++) {
        System.arraycopy(values, order[from + i] * size, selected, i * size, size);
        theirs[i] = labels[order[from + i]];
      }
      return new Table(selected, theirs, size);
    }
  }
}
