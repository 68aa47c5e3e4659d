package org.simclrspark.worker.dl4j;

import java.util.Arrays;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;
import org.simclrspark.worker.machine.Natives;
import org.simclrspark.worker.network.EncoderSettings;
import org.simclrspark.worker.network.Network;

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
    PortableLayers layers = new PortableLayers(builder, network);
    network.encoderOperations().forEach(operation -> operation.accept(layers));
    builder.setOutputs(PortableLayers.FEATURES);
    ComputationGraph graph = new ComputationGraph(builder.build());
    graph.init();
    PortableValues values = new PortableValues(graph, network, parameters, statistics);
    network.encoderOperations().forEach(operation -> operation.accept(values));
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
            builder(settings)
                .addLayer(PortableLayers.FEATURES, layer, PortableLayers.VIEWS)
                .setOutputs(PortableLayers.FEATURES)
                .build());
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
        .addInputs(PortableLayers.VIEWS)
        .validateOutputLayerConfig(false)
        .setInputTypes(InputType.convolutional(settings.imageSize(), settings.imageSize(), 3));
  }
}
