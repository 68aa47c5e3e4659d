package org.simclrspark.worker.dl4j;

import java.util.HashMap;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.nd4j.linalg.activations.Activation;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.network.ParameterLayout;

/** Adds the operations of an encoder to a graph, in their order, as stock layers. */
final class PortableLayers implements Network.Visitor {

  /** The input's name. */
  static final String VIEWS = "views";

  /** The name of h. */
  static final String FEATURES = "h";

  private final GraphBuilder builder;
  private final Network network;

  /** Vertices that compute activations, by id. */
  private final Map<Integer, String> names = new HashMap<>();

  PortableLayers(GraphBuilder builder, Network network) {
    this.builder = builder;
    this.network = network;
    names.put(network.input().id(), VIEWS);
  }

  /** The layer that a block of parameters belongs to. */
  static String layer(ParameterLayout.Block block) {
    return block.name().substring(0, block.name().lastIndexOf('.'));
  }

  private String in(Network.Operation operation) {
    return names.get(operation.in().id());
  }

  /** Names the vertex of an operation's output. */
  private String out(Network.Operation operation, String name) {
    String unique = operation.out().equals(network.features()) ? FEATURES : name;
    names.put(operation.out().id(), unique);
    return unique;
  }

  @Override
  public void convolution(Network.Convolution operation) {
    Layer layer =
        new ConvolutionLayer.Builder(operation.kernel(), operation.kernel())
            .stride(operation.stride(), operation.stride())
            .padding(operation.padding(), operation.padding())
            .nIn(operation.in().channels())
            .nOut(operation.out().channels())
            .hasBias(false)
            .build();
    builder.addLayer(out(operation, layer(operation.weight())), layer, in(operation));
  }

  @Override
  public void normalisation(Network.Normalisation norm) {
    String layer = layer(norm.scale());
    String out = out(norm, layer + (norm.relu() ? ".relu" : ""));
    builder.addLayer(layer, normLayer(norm), in(norm));
    if (norm.residual() != null) {
      builder.addVertex(
          layer + ".add",
          new ElementWiseVertex(ElementWiseVertex.Op.Add),
          layer,
          names.get(norm.residual().id()));
      layer += ".add";
    }
    if (norm.relu()) {
      builder.addLayer(out, new ActivationLayer(Activation.RELU), layer);
    }
  }

  private static Layer normLayer(Network.Normalisation norm) {
    int channels = norm.in().channels();
    if (!norm.overBatch()) {
      return new GroupNormLayer(channels, norm.in().side(), norm.groups(), Network.EPSILON);
    }
    return new BatchNormalization.Builder()
        .nIn(channels)
        .nOut(channels)
        .eps(Network.EPSILON)
        .useLogStd(false)
        .build();
  }

  @Override
  public void maxPool(Network.MaxPool operation) {
    Layer layer =
        new SubsamplingLayer.Builder(PoolingType.MAX)
            .kernelSize(3, 3)
            .stride(2, 2)
            .padding(1, 1)
            .build();
    builder.addLayer(out(operation, "stem.pool"), layer, in(operation));
  }

  @Override
  public void averagePool(Network.AveragePool operation) {
    Layer layer = new GlobalPoolingLayer.Builder(PoolingType.AVG).build();
    builder.addLayer(out(operation, "pool"), layer, in(operation));
  }

  @Override
  public void dense(Network.Dense operation) {
    throw new IllegalStateException("An encoder f has no dense layer, found " + operation);
  }
}
