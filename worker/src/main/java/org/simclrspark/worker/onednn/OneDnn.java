package org.simclrspark.worker.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_backward_data_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_backward_weights_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_direct;
import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_forward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu;
import static org.bytedeco.dnnl.global.dnnl.dnnl_engine_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_clone;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_create_with_tag;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_equal;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_get_size;
import static org.bytedeco.dnnl.global.dnnl.dnnl_nChw16c;
import static org.bytedeco.dnnl.global.dnnl.dnnl_nChw8c;
import static org.bytedeco.dnnl.global.dnnl.dnnl_pooling_backward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_pooling_forward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_pooling_max;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_set_scratchpad_mode;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_query_md;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_execute;
import static org.bytedeco.dnnl.global.dnnl.dnnl_reorder_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_scratchpad_mode_user;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_default_flags;
import static org.bytedeco.dnnl.global.dnnl.dnnl_success;

import java.util.function.ToIntBiFunction;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.javacpp.FloatPointer;
import org.simclrspark.worker.winograd.ChannelBlock;

/** The parts of oneDNN's C interface that the engine uses, with errors as exceptions. */
final class OneDnn {

  /** The CPU. */
  static final dnnl_engine ENGINE = engine();

  /** Channels in one block of an activation: 16 with AVX-512, else 8. */
  static final int BLOCK = ChannelBlock.SIZE;

  private static final long[] NO_DILATION = {0, 0};

  private OneDnn() {}

  static void check(int status, String what) {
    if (status != dnnl_success) {
      throw new IllegalStateException("oneDNN must " + what + ", found status " + status);
    }
  }

  private static dnnl_engine engine() {
    dnnl_engine engine = new dnnl_engine();
    check(dnnl_engine_create(engine, dnnl_cpu, 0), "create a CPU engine");
    return engine;
  }

  static dnnl_stream stream() {
    dnnl_stream stream = new dnnl_stream();
    check(dnnl_stream_create(stream, ENGINE, dnnl_stream_default_flags), "create a stream");
    return stream;
  }

  /** Format of an activation: [n, channels / block, height, width, block]. */
  static int blockedTag() {
    return BLOCK == 16 ? dnnl_nChw16c : dnnl_nChw8c;
  }

  /** A description of memory; {@link #release} frees it. */
  static dnnl_memory_desc description(int tag, long... shape) {
    dnnl_memory_desc description = new dnnl_memory_desc();
    check(
        dnnl_memory_desc_create_with_tag(description, shape.length, shape, dnnl_f32, tag),
        "describe memory");
    return description;
  }

  /** A copy; {@link #release} frees it. */
  static dnnl_memory_desc copy(dnnl_memory_desc description) {
    dnnl_memory_desc copy = new dnnl_memory_desc();
    check(dnnl_memory_desc_clone(copy, description), "copy a description of memory");
    return copy;
  }

  /** Frees descriptions, of which any may be null. */
  static void release(dnnl_memory_desc... descriptions) {
    for (dnnl_memory_desc description : descriptions) {
      if (description != null) {
        dnnl_memory_desc_destroy(description);
      }
    }
  }

  static long bytes(dnnl_memory_desc description) {
    return dnnl_memory_desc_get_size(description);
  }

  static boolean same(dnnl_memory_desc a, dnnl_memory_desc b) {
    return dnnl_memory_desc_equal(a, b) != 0;
  }

  static dnnl_memory memory(dnnl_memory_desc description, FloatPointer data) {
    dnnl_memory memory = new dnnl_memory();
    check(dnnl_memory_create(memory, description, ENGINE, data), "wrap memory");
    return memory;
  }

  /**
   * A convolution without bias.
   *
   * @param propagation training or inference
   */
  static dnnl_primitive_desc convolution(
      int propagation, ConvolutionKernels.Shape shape, dnnl_memory_desc weights) {
    return describe(
        "have an implementation of a convolution",
        (description, attributes) ->
            dnnl_convolution_forward_primitive_desc_create(
                description,
                ENGINE,
                propagation,
                dnnl_convolution_direct,
                shape.source,
                weights,
                null,
                shape.destination,
                shape.strides,
                NO_DILATION,
                shape.padding,
                shape.padding,
                attributes));
  }

  /** A convolution's gradient at its input. */
  static dnnl_primitive_desc convolutionBackwardData(
      ConvolutionKernels.Shape shape, dnnl_memory_desc weights, dnnl_primitive_desc forward) {
    return describe(
        "have an implementation of a convolution's input gradient",
        (description, attributes) ->
            dnnl_convolution_backward_data_primitive_desc_create(
                description,
                ENGINE,
                dnnl_convolution_direct,
                shape.source,
                weights,
                shape.destination,
                shape.strides,
                NO_DILATION,
                shape.padding,
                shape.padding,
                forward,
                attributes));
  }

  /** A convolution's gradient at its weights. */
  static dnnl_primitive_desc convolutionBackwardWeights(
      ConvolutionKernels.Shape shape, dnnl_memory_desc weights, dnnl_primitive_desc forward) {
    return describe(
        "have an implementation of a convolution's weight gradient",
        (description, attributes) ->
            dnnl_convolution_backward_weights_primitive_desc_create(
                description,
                ENGINE,
                dnnl_convolution_direct,
                shape.source,
                weights,
                null,
                shape.destination,
                shape.strides,
                NO_DILATION,
                shape.padding,
                shape.padding,
                forward,
                attributes));
  }

  /**
   * Max pooling.
   *
   * @param propagation training or inference
   */
  static dnnl_primitive_desc maxPool(int propagation, PoolKernels.Shape shape) {
    return describe(
        "have an implementation of max pooling",
        (description, attributes) ->
            dnnl_pooling_forward_primitive_desc_create(
                description,
                ENGINE,
                propagation,
                dnnl_pooling_max,
                shape.source,
                shape.destination,
                shape.strides,
                shape.kernel,
                NO_DILATION,
                shape.before,
                shape.behind,
                attributes));
  }

  /** Max pooling's gradient. */
  static dnnl_primitive_desc maxPoolBackward(PoolKernels.Shape shape, dnnl_primitive_desc forward) {
    return describe(
        "have an implementation of max pooling's gradient",
        (description, attributes) ->
            dnnl_pooling_backward_primitive_desc_create(
                description,
                ENGINE,
                dnnl_pooling_max,
                shape.source,
                shape.destination,
                shape.strides,
                shape.kernel,
                NO_DILATION,
                shape.before,
                shape.behind,
                forward,
                attributes));
  }

  /** A change of format. */
  static dnnl_primitive_desc reorder(dnnl_memory_desc from, dnnl_memory_desc to) {
    return describe(
        "reorder weights",
        (description, attributes) ->
            dnnl_reorder_primitive_desc_create(description, from, ENGINE, to, ENGINE, attributes));
  }

  /**
   * Describes a primitive whose scratch memory the caller passes.
   *
   * @param creation fills in the description and returns oneDNN's status
   */
  private static dnnl_primitive_desc describe(
      String what, ToIntBiFunction<dnnl_primitive_desc, dnnl_primitive_attr> creation) {
    dnnl_primitive_desc description = new dnnl_primitive_desc();
    dnnl_primitive_attr attributes = new dnnl_primitive_attr();
    check(dnnl_primitive_attr_create(attributes), "create attributes");
    try {
      check(
          dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user),
          "take scratch memory from the caller");
      check(creation.applyAsInt(description, attributes), what);
    } finally {
      dnnl_primitive_attr_destroy(attributes);
    }
    return description;
  }

  static dnnl_primitive primitive(dnnl_primitive_desc description) {
    dnnl_primitive primitive = new dnnl_primitive();
    check(dnnl_primitive_create(primitive, description), "create a primitive");
    return primitive;
  }

  /** A copy of the memory description that a primitive asks for; {@link #release} frees it. */
  static dnnl_memory_desc query(dnnl_primitive_desc description, int what) {
    return copy(dnnl_primitive_desc_query_md(description, what, 0));
  }

  /** Arguments of a primitive: kinds and memories in pairs. */
  static dnnl_exec_arg_t arguments(Object... pairs) {
    int count = pairs.length / 2;
    dnnl_exec_arg_t arguments = new dnnl_exec_arg_t(count);
    for (int i = 0; i < count; i++) {
      arguments.position(i).arg((Integer) pairs[2 * i]).memory((dnnl_memory) pairs[2 * i + 1]);
    }
    arguments.position(0);
    return arguments;
  }

  static void execute(dnnl_primitive primitive, dnnl_stream stream, dnnl_exec_arg_t arguments) {
    check(
        dnnl_primitive_execute(primitive, stream, (int) arguments.capacity(), arguments),
        "execute a primitive");
  }
}
