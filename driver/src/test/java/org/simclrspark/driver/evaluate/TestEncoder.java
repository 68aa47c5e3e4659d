package org.simclrspark.driver.evaluate;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;

/** A small encoder of stock layers for images of 32 pixels. */
final class TestEncoder {

  private TestEncoder() {}

  /** Convolution, batch norm with statistics other than 0 and 1, pooling. */
  static ComputationGraph graph(long seed) {
    ComputationGraphConfiguration configuration =
        new NeuralNetConfiguration.Builder()
            .seed(seed)
            .convolutionMode(ConvolutionMode.Same)
            .graphBuilder()
            .addInputs("views")
            .setInputTypes(InputType.convolutional(32, 32, 3))
            .addLayer(
                "convolution",
                new ConvolutionLayer.Builder(3, 3).nOut(5).activation(Activation.RELU).build(),
                "views")
            .addLayer(
                "norm", new BatchNormalization.Builder().useLogStd(false).build(), "convolution")
            .addLayer("pooling", new GlobalPoolingLayer.Builder().build(), "norm")
            .setOutputs("pooling")
            .build();
    ComputationGraph graph = new ComputationGraph(configuration);
    graph.init();
    graph.getLayer("norm").getParam("mean").assign(0.25);
    graph.getLayer("norm").getParam("var").assign(0.5);
    return graph;
  }
}
