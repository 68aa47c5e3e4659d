package org.simclrspark.driver.evaluate;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.simclrspark.driver.dl4j.DistributedGraph;
import org.simclrspark.worker.dl4j.FloatArrays;
import org.simclrspark.worker.shard.RawFloats;
import scala.Tuple2;

/**
 * Computes the representations h = f(x) of a whole dataset by Deeplearning4j Spark, with the
 * encoder in inference mode. They stay on the executors, in memory and on disk.
 *
 * <p>Images are encoded in batches of consecutive ids, cut in the same places whatever the cluster,
 * so that a representation has the same bits everywhere.
 */
final class FeatureExtractor {

  private final JavaSparkContext spark;
  private final int batch;

  /**
   * Makes the extractor.
   *
   * @param batch images encoded together; a power of two leaves no small batches but the last
   */
  FeatureExtractor(JavaSparkContext spark, int batch) {
    if (batch < 1) {
      throw new IllegalArgumentException("An evaluation batch must be positive, found " + batch);
    }
    this.spark = spark;
    this.batch = batch;
  }

  /**
   * Representations of all images; the caller frees them with {@link Rows#close}.
   *
   * @param views of the dataset
   * @param encoder takes [n, 3, size, size] in [0, 1] and gives [n, features] as its only output
   */
  Rows extract(EvaluationViews views, ComputationGraph encoder) {
    int most = batch;
    JavaPairRDD<Images, INDArray[]> inputs =
        views.blocks().flatMapToPair(block -> batches(block, most));
    JavaRDD<FeatureBlock> features =
        DistributedGraph.of(spark, encoder)
            .outputs(inputs, batch)
            .mapPartitions(FeatureExtractor::block)
            .persist(StorageLevel.MEMORY_AND_DISK());
    return Rows.computed(features);
  }

  private static Iterator<Tuple2<Images, INDArray[]>> batches(ViewBlock block, int batch) {
    List<Tuple2<Images, INDArray[]>> batches = new ArrayList<>();
    for (int from = 0; from < block.count(); from += batch) {
      int to = Math.min(block.count(), from + batch);
      long[] shape = {to - from, 3, block.side(), block.side()};
      batches.add(
          new Tuple2<>(
              new Images(
                  Arrays.copyOfRange(block.ids(), from, to),
                  Arrays.copyOfRange(block.labels(), from, to)),
              new INDArray[] {FloatArrays.array(block.values(from, to), shape)}));
    }
    return batches.iterator();
  }

  /** Puts the batches of a partition together; none where it has no images. */
  private static Iterator<FeatureBlock> block(Iterator<Tuple2<Images, INDArray[]>> batches) {
    List<Images> images = new ArrayList<>();
    List<float[]> values = new ArrayList<>();
    while (batches.hasNext()) {
      Tuple2<Images, INDArray[]> next = batches.next();
      images.add(next._1());
      values.add(FloatArrays.values(next._2()[0]));
    }
    if (images.isEmpty()) {
      return List.<FeatureBlock>of().iterator();
    }
    int size = values.get(0).length / images.get(0).ids.length;
    float[] all = new float[values.stream().mapToInt(v -> v.length).sum()];
    int at = 0;
    for (float[] ofBatch : values) {
      System.arraycopy(ofBatch, 0, all, at, ofBatch.length);
      at += ofBatch.length;
    }
    FeatureBlock block =
        new FeatureBlock(
            images.stream().flatMapToLong(i -> Arrays.stream(i.ids)).toArray(),
            images.stream().flatMapToInt(i -> Arrays.stream(i.labels)).toArray(),
            new RawFloats(all),
            size);
    return List.of(block).iterator();
  }

  /** Which images a batch holds. */
  private record Images(long[] ids, int[] labels) implements Serializable {}
}
