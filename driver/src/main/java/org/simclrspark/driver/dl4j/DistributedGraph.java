package org.simclrspark.driver.dl4j;

import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A graph of Deeplearning4j whose copies run on the executors, in inference mode. */
public interface DistributedGraph {

  /**
   * The outputs of the graph.
   *
   * @param inputs by key, each [n, ...]
   * @param batch inputs computed together, at most
   * @return outputs under the keys of their inputs
   */
  <K> JavaPairRDD<K, INDArray[]> outputs(JavaPairRDD<K, INDArray[]> inputs, int batch);

  /** A graph on Deeplearning4j's own implementation for Spark. */
  static DistributedGraph of(JavaSparkContext spark, ComputationGraph graph) {
    SparkComputationGraph distributed = new SparkComputationGraph(spark, graph, null);
    return new DistributedGraph() {
      @Override
      public <K> JavaPairRDD<K, INDArray[]> outputs(JavaPairRDD<K, INDArray[]> inputs, int batch) {
        return distributed.feedForwardWithKey(inputs, batch);
      }
    };
  }
}
