package org.simclrspark.worker.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_backward_data_desc_init;
import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_backward_weights_desc_init;
import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_direct;
import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_forward_desc_init;
import static org.bytedeco.dnnl.global.dnnl.dnnl_format_tag_any;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;
import static org.bytedeco.dnnl.global.dnnl.dnnl_nchw;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_diff_weights_md;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_scratchpad_md;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_weights_md;

import org.bytedeco.dnnl.dnnl_convolution_desc_t;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.simclrspark.worker.Network;

/**
 * oneDNN's three primitives of one convolution for a fixed number of views. They see whole blocks
 * of channels, the padding included: for fewer, oneDNN has slow kernels alone.
 */
final class ConvolutionKernels implements AutoCloseable {

  final dnnl_memory_desc_t source;
  final dnnl_memory_desc_t destination;
  final dnnl_memory_desc_t forwardWeights;
  final dnnl_memory_desc_t dataWeights;
  final dnnl_memory_desc_t weightGradient;
  final dnnl_memory_desc_t forwardScratch;
  final dnnl_memory_desc_t dataScratch;
  final dnnl_memory_desc_t weightScratch;
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
    source = source(operation, views);
    destination = destination(operation, views);
    dnnl_memory_desc_t any = OneDnn.description(dnnl_format_tag_any, out, in, kernel, kernel);
    long[] strides = {operation.stride(), operation.stride()};
    long[] padding = {operation.padding(), operation.padding()};
    int algorithm = dnnl_convolution_direct;
    dnnl_convolution_desc_t description = new dnnl_convolution_desc_t();

    OneDnn.check(
        dnnl_convolution_forward_desc_init(
            description,
            dnnl_forward_training,
            algorithm,
            source,
            weights == null ? any : weights.forward(),
            null,
            destination,
            strides,
            padding,
            padding),
        "describe a convolution");
    dnnl_primitive_desc forwardDescription = OneDnn.primitiveDescription(description, null);
    forwardWeights = OneDnn.query(forwardDescription, dnnl_query_weights_md);
    forwardScratch = OneDnn.query(forwardDescription, dnnl_query_scratchpad_md);
    forward = OneDnn.primitive(forwardDescription);

    if (needsInputGradient) {
      OneDnn.check(
          dnnl_convolution_backward_data_desc_init(
              description,
              algorithm,
              source,
              weights == null ? any : weights.backwardData(),
              destination,
              strides,
              padding,
              padding),
          "describe a convolution's input gradient");
      dnnl_primitive_desc dataDescription =
          OneDnn.primitiveDescription(description, forwardDescription);
      dataWeights = OneDnn.query(dataDescription, dnnl_query_weights_md);
      dataScratch = OneDnn.query(dataDescription, dnnl_query_scratchpad_md);
      backwardData = OneDnn.primitive(dataDescription);
      dnnl_primitive_desc_destroy(dataDescription);
    } else {
      dataWeights = null;
      dataScratch = null;
      backwardData = null;
    }

    OneDnn.check(
        dnnl_convolution_backward_weights_desc_init(
            description,
            algorithm,
            source,
            weights == null ? any : weights.gradient(),
            null,
            destination,
            strides,
            padding,
            padding),
        "describe a convolution's weight gradient");
    dnnl_primitive_desc weightDescription =
        OneDnn.primitiveDescription(description, forwardDescription);
    weightGradient = OneDnn.query(weightDescription, dnnl_query_diff_weights_md);
    weightScratch = OneDnn.query(weightDescription, dnnl_query_scratchpad_md);
    backwardWeights = OneDnn.primitive(weightDescription);
    dnnl_primitive_desc_destroy(weightDescription);
    dnnl_primitive_desc_destroy(forwardDescription);
  }

  /** Format of the input. */
  static dnnl_memory_desc_t source(Network.Convolution operation, int views) {
    return OneDnn.description(
        operation.in().id() == 0 ? dnnl_nchw : OneDnn.blockedTag(),
        views,
        Shapes.blocked(operation.in()),
        operation.in().side(),
        operation.in().side());
  }

  /** Format of the output. */
  static dnnl_memory_desc_t destination(Network.Convolution operation, int views) {
    return OneDnn.description(
        OneDnn.blockedTag(),
        views,
        Shapes.blocked(operation.out()),
        operation.out().side(),
        operation.out().side());
  }

  /** The formats that this convolution's primitives ask for. */
  WeightFormats formats() {
    return new WeightFormats(forwardWeights, dataWeights, weightGradient);
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
  }

  /**
   * Formats of a convolution's weights.
   *
   * @param backwardData null where no input gradient is needed
   */
  record WeightFormats(
      dnnl_memory_desc_t forward, dnnl_memory_desc_t backwardData, dnnl_memory_desc_t gradient) {}
}
