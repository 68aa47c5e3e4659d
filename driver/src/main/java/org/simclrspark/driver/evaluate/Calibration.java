package org.simclrspark.driver.evaluate;

import java.util.List;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.simclrspark.data.DataException;
import org.simclrspark.worker.engine.Engine;
import org.simclrspark.worker.engine.EngineSource;
import org.simclrspark.worker.network.NormStatistics;
import org.simclrspark.worker.shard.RawFloats;

/**
 * Estimates the batch-norm statistics of an encoder that was not trained. With means of 0 and
 * variances of 1, which no layer of it has, it would be a weaker baseline than it is.
 *
 * <p>The statistics are those of up to {@value #IMAGES} training images, seen as in evaluation, by
 * the engine in training mode, micro-batch by micro-batch. The images are spread evenly over the
 * ids, and so are those of each micro-batch: a dataset may be in the order of its classes.
 */
public final class Calibration {

  private static final int IMAGES = 1024;

  private Calibration() {}

  /**
   * The images to take, ascending.
   *
   * @param images of the dataset
   * @param microBatch views encoded together; as many as there are where there are fewer
   */
  public static long[] sample(long images, int microBatch) {
    long size = Math.min(microBatch, images);
    long sampled = Math.max(1, Math.min(IMAGES, images) / size) * size;
    // Of the ids of sample i, i M / n up to (i + 1) M / n, the first is taken.
    return LongStream.range(0, sampled).map(i -> (i * images + sampled - 1) / sampled).toArray();
  }

  /**
   * Runs the micro-batches in one Spark task.
   *
   * @param sample views of the images to take, in one partition; some may be damaged
   * @param parameters in the layout of {@link Engine#parameters()}
   * @param microBatch views encoded together; as many as there are where there are fewer
   * @return statistics in the layout of {@link Engine#statistics}
   */
  public static float[] statistics(
      JavaSparkContext spark,
      EvaluationViews sample,
      EngineSource engines,
      float[] parameters,
      int microBatch) {
    Broadcast<RawFloats> shared = spark.broadcast(new RawFloats(parameters));
    try {
      List<float[]> found =
          sample
              .blocks()
              .filter(block -> block.count() > 0)
              .map(block -> run(block, engines, shared.value().values(), microBatch))
              .collect();
      if (found.isEmpty()) {
        throw new DataException(
            "Evaluation must have training images to estimate an untrained encoder's statistics"
                + " on, found none that can be decoded among "
                + sample.damaged().size());
      }
      return found.get(0);
    } finally {
      shared.destroy();
    }
  }

  private static float[] run(
      ViewBlock views, EngineSource engines, float[] parameters, int microBatch) {
    int size = Math.min(microBatch, views.count());
    int batches = views.count() / size;
    int length = views.viewLength();
    float[][] inputs = new float[batches][size * length];
    for (int i = 0; i < batches * size; i++) {
      System.arraycopy(
          views.values(i, i + 1), 0, inputs[i % batches], i / batches * length, length);
    }
    try (EngineSource.Loan loan = engines.borrow()) {
      Engine engine = loan.engine();
      engine.load(parameters);
      NormStatistics.Pool statistics = new NormStatistics.Pool(engine.normChannels());
      for (float[] input : inputs) {
        statistics.add(engine.statistics(input, size), size);
      }
      return statistics.values();
    }
  }
}
