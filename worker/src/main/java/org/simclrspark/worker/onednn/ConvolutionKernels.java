package org.simclrspark.worker.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_format_tag_any;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;
import static org.bytedeco.dnnl.global.dnnl.dnnl_nchw;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_diff_weights_md;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_scratchpad_md;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_weights_md;

import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.simclrspark.worker.network.Network;

/**
 * oneDNN's three primitives of one convolution for a fixed number of views. They see whole blocks
 * of channels, the padding included: for fewer, oneDNN has slow kernels alone.
 */
final class ConvolutionKernels implements AutoCloseable {

  final dnnl_memory_desc source;
  final dnnl_memory_desc destination;
  final dnnl_memory_desc forwardWeights;
  final dnnl_memory_desc dataWeights;
  final dnnl_memory_desc weightGradient;
  final dnnl_memory_desc forwardScratch;
  final dnnl_memory_desc dataScratch;
  final dnnl_memory_desc weightScratch;
  final dnnl_primitive forward;
  final dnnl_primitive backwardData;
  final dnnl_primitive backwardWeights;

  /**
   * @param weights the formats to use, or null to let oneDNN choose
   * @param needsInputGradient false for the first layer
   */
  ConvolutionKernels(
      Network.Convolution operation, int views, boolean needsInputGradient, WeightFormats weights) {
    int in = Shapes.blocked(operation.in());
    int out = Shapes.blocked(operation.out());
    int kernel = operation.kernel();
    Shape shape = new Shape(operation, views);
    source = shape.source;
    destination = shape.destination;
    dnnl_memory_desc any = OneDnn.description(dnnl_format_tag_any, out, in, kernel, kernel);
    dnnl_primitive_desc description =
        OneDnn.convolution(dnnl_forward_training, shape, weights == null ? any : weights.forward());
    forwardWeights = OneDnn.query(description, dnnl_query_weights_md);
    forwardScratch = OneDnn.query(description, dnnl_query_scratchpad_md);
    forward = OneDnn.primitive(description);

    if (needsInputGradient) {
      dnnl_primitive_desc dataDescription =
          OneDnn.convolutionBackwardData(
              shape, weights == null ? any : weights.backwardData(), description);
      dataWeights = OneDnn.query(dataDescription, dnnl_query_weights_md);
      dataScratch = OneDnn.query(dataDescription, dnnl_query_scratchpad_md);
      backwardData = OneDnn.primitive(dataDescription);
      dnnl_primitive_desc_destroy(dataDescription);
    } else {
      dataWeights = null;
      dataScratch = null;
      backwardData = null;
    }

    dnnl_primitive_desc weightDescription =
        OneDnn.convolutionBackwardWeights(
            shape, weights == null ? any : weights.gradient(), description);
    weightGradient = OneDnn.query(weightDescription, dnnl_query_diff_weights_md);
    weightScratch = OneDnn.query(weightDescription, dnnl_query_scratchpad_md);
    backwardWeights = OneDnn.primitive(weightDescription);
    dnnl_primitive_desc_destroy(weightDescription);
    dnnl_primitive_desc_destroy(description);
    OneDnn.release(any);
  }

  /** Copies of the formats that this convolution's primitives ask for. */
  WeightFormats formats() {
    return new WeightFormats(
        OneDnn.copy(forwardWeights),
        dataWeights == null ? null : OneDnn.copy(dataWeights),
        OneDnn.copy(weightGradient));
  }

  /** Largest scratch memory of the three, in bytes. */
  long scratchBytes() {
    long bytes = Math.max(OneDnn.bytes(forwardScratch), OneDnn.bytes(weightScratch));
    return dataScratch == null ? bytes : Math.max(bytes, OneDnn.bytes(dataScratch));
  }

  @Override
  public void close() {
    dnnl_primitive_destroy(forward);
    dnnl_primitive_destroy(backwardWeights);
    if (backwardData != null) {
      dnnl_primitive_destroy(backwardData);
    }
    OneDnn.release(source, destination, forwardWeights, dataWeights, weightGradient);
    OneDnn.release(forwardScratch, dataScratch, weightScratch);
  }

  /** Formats, steps and padding; its owner releases the formats. */
  static final class Shape {
    final dnnl_memory_desc source;
    final dnnl_memory_desc destination;
    final long[] strides;
    final long[] padding;

    Shape(Network.Convolution operation, int views) {
      int in = operation.in().side();
      int out = operation.out().side();
      source =
          OneDnn.description(
              operation.in().id() == 0 ? dnnl_nchw : OneDnn.blockedTag(),
              views,
              Shapes.blocked(operation.in()),
              in,
              in);
      destination =
          OneDnn.description(OneDnn.blockedTag(), views, Shapes.blocked(operation.out()), out, out);
      strides = new long[] {operation.stride(), operation.stride()};
      padding = new long[] {operation.padding(), operation.padding()};
    }
  }

  /**
   * Formats of a convolution's weights.
   *
   * @param backwardData null where no input gradient is needed
   */
  record WeightFormats(
      dnnl_memory_desc forward, dnnl_memory_desc backwardData, dnnl_memory_desc gradient) {}
}
