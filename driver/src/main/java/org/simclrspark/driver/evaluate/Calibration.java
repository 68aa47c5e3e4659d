package org.simclrspark.driver.evaluate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.simclrspark.worker.Engine;
import org.simclrspark.worker.Engine.Activations;
import org.simclrspark.worker.EngineSource;
import org.simclrspark.worker.RawFloats;
import scala.Tuple2;

/**
 * Estimates the batch-norm statistics of an encoder that was not trained. With means of 0 and
 * variances of 1, which no layer of it has, it would be a weaker baseline than it is.
 *
 * <p>The statistics are the mean of those of up to {@value #IMAGES} training images in
 * micro-batches of evaluation views, by the engine in training mode. The images are spread evenly
 * over the ids, and so are those of each micro-batch: a dataset may be in the order of its classes.
 */
public final class Calibration {

  private static final int IMAGES = 1024;

  private Calibration() {}

  /**
   * Runs the micro-batches in one Spark task.
   *
   * @param views of the training images
   * @param parameters in the layout of {@link Engine#parameters()}
   * @param microBatch views encoded together; as many as there are where there are fewer
   * @return statistics in the layout of {@link Activations#statistics()}
   */
  public static float[] statistics(
      JavaSparkContext spark,
      EvaluationViews views,
      EngineSource engines,
      float[] parameters,
      int microBatch) {
    long images = views.count();
    int size = (int) Math.min(microBatch, images);
    int batches = (int) Math.max(1, Math.min(IMAGES, images) / size);
    int sampled = batches * size;
    Broadcast<RawFloats> shared = spark.broadcast(new RawFloats(parameters));
    try {
      // Of the ids of sample i, i M / n up to (i + 1) M / n, the first is taken.
      List<float[]> found =
          views
              .pixels()
              .filter(
                  view ->
                      sample(view._1(), sampled, images) != sample(view._1() - 1, sampled, images))
              .coalesce(1)
              .mapPartitions(
                  sample ->
                      List.of(run(sample, engines, shared.value().values(), size, batches))
                          .iterator())
              .collect();
      return found.get(0);
    } finally {
      shared.destroy();
    }
  }

  private static long sample(long id, int sampled, long images) {
    return Math.floorDiv(id * sampled, images);
  }

  private static float[] run(
      Iterator<Tuple2<Long, byte[]>> sample,
      EngineSource engines,
      float[] parameters,
      int size,
      int batches) {
    List<Tuple2<Long, byte[]>> views = new ArrayList<>();
    sample.forEachRemaining(views::add);
    // A merged partition promises no order.
    views.sort(Comparator.comparing(Tuple2::_1));
    int length = views.get(0)._2().length;
    float[][] inputs = new float[batches][size * length];
    for (int i = 0; i < views.size(); i++) {
      byte[] pixels = views.get(i)._2();
      for (int p = 0; p < length; p++) {
        inputs[i % batches][i / batches * length + p] = (pixels[p] & 0xff) / 255f;
      }
    }
    try (EngineSource.Loan loan = engines.borrow()) {
      Engine engine = loan.engine();
      engine.load(parameters);
      double[] sums = new double[engine.statisticsSize()];
      for (float[] input : inputs) {
        try (Activations activations = engine.forward(input, size)) {
          float[] statistics = activations.statistics();
          for (int i = 0; i < sums.length; i++) {
            sums[i] += statistics[i];
          }
        }
      }
      float[] means = new float[sums.length];
      for (int i = 0; i < means.length; i++) {
        means[i] = (float) (sums[i] / batches);
      }
      return means;
    }
  }
}
