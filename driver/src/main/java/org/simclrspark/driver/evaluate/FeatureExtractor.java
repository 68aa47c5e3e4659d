package org.simclrspark.driver.evaluate;

import java.util.List;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.simclrspark.worker.RawFloats;
import scala.Tuple2;

/**
 * Computes the representations h = f(x) of a whole dataset by Deeplearning4j Spark, with the
 * encoder in inference mode.
 *
 * <p>Images are encoded in batches of consecutive ids, cut in the same places whatever the cluster,
 * so that a representation has the same bits everywhere.
 */
public final class FeatureExtractor {

  private final JavaSparkContext spark;
  private final int batch;

  /**
   * Makes the extractor.
   *
   * @param batch images encoded together; a power of two leaves no small batches but the last
   */
  public FeatureExtractor(JavaSparkContext spark, int batch) {
    if (batch < 1) {
      throw new IllegalArgumentException("An evaluation batch must be positive, found " + batch);
    }
    this.spark = spark;
    this.batch = batch;
  }

  /**
   * Representations of all images, in the order of their ids.
   *
   * @param views of the dataset
   * @param encoder takes [n, 3, size, size] in [0, 1] and gives [n, features] as its only output
   */
  public Features extract(EvaluationViews views, ComputationGraph encoder) {
    int size = views.imageSize();
    JavaPairRDD<Long, INDArray[]> inputs = views.pixels().mapValues(p -> input(p, size));
    List<Tuple2<Long, byte[]>> rows =
        new SparkComputationGraph(spark, encoder, null)
            .feedForwardWithKey(inputs, Math.min(batch, views.blockSize()))
            .mapValues(outputs -> bytes(outputs[0].toFloatVector()))
            .collect();
    int featureSize = rows.isEmpty() ? 0 : rows.get(0)._2().length / Float.BYTES;
    float[] values = new float[Math.multiplyExact(views.count(), featureSize)];
    for (Tuple2<Long, byte[]> row : rows) {
      RawFloats.fromBytes(row._2(), values, Math.toIntExact(row._1() * featureSize));
    }
    return new Features(views.ids(), views.labels(), values, featureSize);
  }

  private static byte[] bytes(float[] row) {
    return RawFloats.toBytes(row, 0, row.length);
  }

  private static INDArray[] input(byte[] pixels, int size) {
    float[] values = new float[pixels.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (pixels[i] & 0xff) / 255f;
    }
    return new INDArray[] {Nd4j.create(values, new long[] {1, 3, size, size}, 'c')};
  }
}
