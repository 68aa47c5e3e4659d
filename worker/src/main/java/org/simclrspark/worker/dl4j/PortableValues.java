package org.simclrspark.worker.dl4j;

import java.util.Arrays;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.network.ParameterLayout;
import org.simclrspark.worker.network.WeightStandardisation;

/** Puts parameters and statistics into the graph that {@link PortableLayers} has laid out. */
final class PortableValues implements Network.Visitor {

  private final ComputationGraph graph;
  private final Network network;
  private final float[] parameters;
  private final float[] statistics;

  PortableValues(ComputationGraph graph, Network network, float[] parameters, float[] statistics) {
    this.graph = graph;
    this.network = network;
    this.parameters = parameters;
    this.statistics = statistics;
  }

  @Override
  public void convolution(Network.Convolution operation) {
    ParameterLayout.Block block = operation.weight();
    float[] values =
        network.standardisesWeights()
            ? new WeightStandardisation(operation).apply(parameters, block.offset())
            : copy(block);
    long[] shape = block.shape().stream().mapToLong(Integer::longValue).toArray();
    set(PortableLayers.layer(block), "W", Nd4j.create(values, shape, 'c'));
  }

  @Override
  public void normalisation(Network.Normalisation norm) {
    String layer = PortableLayers.layer(norm.scale());
    int channels = norm.in().channels();
    set(layer, "gamma", row(copy(norm.scale())));
    set(layer, "beta", row(copy(norm.shift())));
    if (norm.overBatch()) {
      int from = norm.statistics();
      float[] means = Arrays.copyOfRange(statistics, from, from + channels);
      float[] variances = Arrays.copyOfRange(statistics, from + channels, from + 2 * channels);
      set(layer, "mean", row(means));
      set(layer, "var", row(variances));
    }
  }

  @Override
  public void maxPool(Network.MaxPool operation) {
    // It has no values.
  }

  @Override
  public void averagePool(Network.AveragePool operation) {
    // It has no values.
  }

  @Override
  public void dense(Network.Dense operation) {
    throw new IllegalStateException("An encoder f has no dense layer, found " + operation);
  }

  private float[] copy(ParameterLayout.Block block) {
    return Arrays.copyOfRange(parameters, block.offset(), block.offset() + block.length());
  }

  private static INDArray row(float[] values) {
    return Nd4j.create(values, new long[] {1, values.length}, 'c');
  }

  private void set(String layer, String key, INDArray values) {
    INDArray parameter = graph.getLayer(layer).getParam(key);
    parameter.assign(values.reshape(parameter.shape()));
  }
}
