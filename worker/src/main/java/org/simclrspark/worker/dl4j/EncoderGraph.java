package org.simclrspark.worker.dl4j;

import java.util.Arrays;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;
import org.simclrspark.worker.machine.Natives;
import org.simclrspark.worker.network.EncoderSettings;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.network.ParameterLayout;
import org.simclrspark.worker.network.WeightStandardisation;

/**
 * Builds the encoder f as a Deeplearning4j {@link ComputationGraph}: input [n, 3, size, size] with
 * values in [0, 1], output h [n, features], norms in inference mode.
 *
 * <p>{@link #portable} has one stock layer per operation and opens with plain Deeplearning4j (with
 * group norm it needs {@link GroupNormLayer} on the class path); {@link #fast} has one layer that
 * runs an engine. Both give the same h up to rounding, and neither contains the projection head.
 */
public final class EncoderGraph {

  private EncoderGraph() {}

  /**
   * The encoder in stock layers, for checkpoints and for users of Deeplearning4j.
   *
   * @param parameters flat, in the layout of the engine; what follows the encoder is ignored
   * @param statistics running means and variances in the layout of the engine
   */
  public static ComputationGraph portable(
      EncoderSettings settings, float[] parameters, float[] statistics) {
    Natives.prepare();
    Network network = new Network(settings);
    GraphBuilder builder = builder(settings);
    for (Network.Operation operation : network.encoderOperations()) {
      add(builder, network, operation);
    }
    builder.setOutputs(name(network.features(), network));
    ComputationGraph graph = new ComputationGraph(builder.build());
    graph.init();
    for (Network.Operation operation : network.encoderOperations()) {
      if (operation instanceof Network.Convolution convolution) {
        setWeights(graph, network, convolution, parameters);
      } else if (operation instanceof Network.Normalisation norm) {
        setNorm(graph, norm, parameters, statistics);
      }
    }
    return graph;
  }

  /**
   * The encoder as one layer that runs on an engine of the JVM it is in.
   *
   * @param parameters flat, in the layout of the engine; what follows the encoder is ignored
   * @param statistics running means and variances in the layout of the engine
   * @param threads of the engine
   */
  public static ComputationGraph fast(
      EncoderSettings settings, float[] parameters, float[] statistics, int threads) {
    Natives.prepare();
    EncoderLayer layer = new EncoderLayer(settings, threads);
    Network encoder = layer.network();
    ComputationGraph graph =
        new ComputationGraph(
            builder(settings).addLayer("h", layer, "views").setOutputs("h").build());
    graph.init();
    int split = encoder.layout().size();
    float[] values = Arrays.copyOf(parameters, split + encoder.statisticsSize());
    System.arraycopy(statistics, 0, values, split, encoder.statisticsSize());
    graph.setParams(Nd4j.create(values, new long[] {1, values.length}, 'c'));
    return graph;
  }

  private static GraphBuilder builder(EncoderSettings settings) {
    return new NeuralNetConfiguration.Builder()
        .updater(new NoOp())
        .activation(Activation.IDENTITY)
        .convolutionMode(ConvolutionMode.Truncate)
        .graphBuilder()
        .addInputs("views")
        .validateOutputLayerConfig(false)
        .setInputTypes(InputType.convolutional(settings.imageSize(), settings.imageSize(), 3));
  }

  private static void add(GraphBuilder builder, Network network, Network.Operation operation) {
    String in = name(operation.in(), network);
    if (operation instanceof Network.Convolution convolution) {
      Layer layer =
          new ConvolutionLayer.Builder(convolution.kernel(), convolution.kernel())
              .stride(convolution.stride(), convolution.stride())
              .padding(convolution.padding(), convolution.padding())
              .nIn(convolution.in().channels())
              .nOut(convolution.out().channels())
              .hasBias(false)
              .build();
      builder.addLayer(name(operation.out(), network), layer, in);
    } else if (operation instanceof Network.Normalisation norm) {
      String out = name(norm.out(), network);
      String layer = blockName(norm.scale());
      builder.addLayer(layer, normLayer(norm), in);
      if (norm.residual() != null) {
        builder.addVertex(
            layer + ".add",
            new ElementWiseVertex(ElementWiseVertex.Op.Add),
            layer,
            name(norm.residual(), network));
        layer += ".add";
      }
      if (norm.relu()) {
        builder.addLayer(out, new ActivationLayer(Activation.RELU), layer);
      }
    } else if (operation instanceof Network.MaxPool) {
      Layer layer =
          new SubsamplingLayer.Builder(PoolingType.MAX)
              .kernelSize(3, 3)
              .stride(2, 2)
              .padding(1, 1)
              .build();
      builder.addLayer(name(operation.out(), network), layer, in);
    } else {
      builder.addLayer(
          name(operation.out(), network),
          new GlobalPoolingLayer.Builder(PoolingType.AVG).build(),
          in);
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

  /** Name of the vertex that computes an activation. */
  private static String name(Network.Tensor tensor, Network network) {
    if (tensor.equals(network.input())) {
      return "views";
    }
    if (tensor.equals(network.features())) {
      return "h";
    }
    for (Network.Operation operation : network.encoderOperations()) {
      if (operation.out().equals(tensor)) {
        if (operation instanceof Network.Convolution convolution) {
          return blockName(convolution.weight());
        } else if (operation instanceof Network.Normalisation norm) {
          return blockName(norm.scale()) + (norm.relu() ? ".relu" : "");
        }
        return "stem.pool";
      }
    }
    throw new IllegalStateException("No operation computes activation " + tensor.id());
  }

  private static String blockName(ParameterLayout.Block block) {
    return block.name().substring(0, block.name().lastIndexOf('.'));
  }

  private static void setWeights(
      ComputationGraph graph,
      Network network,
      Network.Convolution convolution,
      float[] parameters) {
    ParameterLayout.Block block = convolution.weight();
    float[] values =
        network.standardisesWeights()
            ? new WeightStandardisation(convolution).apply(parameters, block.offset())
            : copy(parameters, block);
    long[] shape = block.shape().stream().mapToLong(Integer::longValue).toArray();
    set(graph, blockName(block), "W", Nd4j.create(values, shape, 'c'));
  }

  private static void setNorm(
      ComputationGraph graph, Network.Normalisation norm, float[] parameters, float[] statistics) {
    String layer = blockName(norm.scale());
    int channels = norm.in().channels();
    set(graph, layer, "gamma", row(copy(parameters, norm.scale())));
    set(graph, layer, "beta", row(copy(parameters, norm.shift())));
    if (norm.overBatch()) {
      int from = norm.statistics();
      float[] means = Arrays.copyOfRange(statistics, from, from + channels);
      float[] variances = Arrays.copyOfRange(statistics, from + channels, from + 2 * channels);
      set(graph, layer, "mean", row(means));
      set(graph, layer, "var", row(variances));
    }
  }

  private static float[] copy(float[] parameters, ParameterLayout.Block block) {
    return Arrays.copyOfRange(parameters, block.offset(), block.offset() + block.length());
  }

  private static INDArray row(float[] values) {
    return Nd4j.create(values, new long[] {1, values.length}, 'c');
  }

  private static void set(ComputationGraph graph, String layer, String key, INDArray values) {
    INDArray parameter = graph.getLayer(layer).getParam(key);
    parameter.assign(values.reshape(parameter.shape()));
  }
}
