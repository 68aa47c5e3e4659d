package org.simclrspark.worker.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_direct;
import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_forward_desc_init;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu;
import static org.bytedeco.dnnl.global.dnnl.dnnl_engine_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_format_tag_any;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_equal;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_get_size;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_init_by_tag;
import static org.bytedeco.dnnl.global.dnnl.dnnl_nChw16c;
import static org.bytedeco.dnnl.global.dnnl.dnnl_nChw8c;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_set_scratchpad_mode;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_query_md;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_execute;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_dst_md;
import static org.bytedeco.dnnl.global.dnnl.dnnl_reorder_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_scratchpad_mode_user;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_default_flags;
import static org.bytedeco.dnnl.global.dnnl.dnnl_success;

import org.bytedeco.dnnl.const_dnnl_op_desc_t;
import org.bytedeco.dnnl.dnnl_convolution_desc_t;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/** The parts of oneDNN's C interface that the engine uses, with errors as exceptions. */
final class OneDnn {

  /** The CPU. */
  static final dnnl_engine ENGINE = engine();

  /** Channels in one block of an activation: 16 with AVX-512, else 8. */
  static final int BLOCK = block();

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

  /** What a convolution chooses when it is free to choose. */
  private static int block() {
    dnnl_memory_desc_t any = description(dnnl_format_tag_any, 8, 64, 16, 16);
    dnnl_memory_desc_t weights = description(dnnl_format_tag_any, 64, 64, 3, 3);
    long[] one = {1, 1};
    dnnl_convolution_desc_t convolution = new dnnl_convolution_desc_t();
    check(
        dnnl_convolution_forward_desc_init(
            convolution,
            dnnl_forward_training,
            dnnl_convolution_direct,
            any,
            weights,
            null,
            any,
            one,
            one,
            one),
        "describe a convolution");
    dnnl_primitive_desc description = primitiveDescription(convolution, null);
    dnnl_memory_desc_t chosen = query(description, dnnl_query_dst_md);
    int block =
        chosen.format_desc_blocking().inner_nblks() == 1
            ? Math.toIntExact(chosen.format_desc_blocking().inner_blks().get(0))
            : 8;
    dnnl_primitive_desc_destroy(description);
    return block;
  }

  /** Format of an activation: [n, channels / block, height, width, block]. */
  static int blockedTag() {
    return BLOCK == 16 ? dnnl_nChw16c : dnnl_nChw8c;
  }

  static dnnl_memory_desc_t description(int tag, long... shape) {
    dnnl_memory_desc_t description = new dnnl_memory_desc_t();
    check(
        dnnl_memory_desc_init_by_tag(description, shape.length, shape, dnnl_f32, tag),
        "describe memory");
    return description;
  }

  static long bytes(dnnl_memory_desc_t description) {
    return dnnl_memory_desc_get_size(description);
  }

  static boolean same(dnnl_memory_desc_t a, dnnl_memory_desc_t b) {
    return dnnl_memory_desc_equal(a, b) != 0;
  }

  static dnnl_memory memory(dnnl_memory_desc_t description, FloatPointer data) {
    dnnl_memory memory = new dnnl_memory();
    check(dnnl_memory_create(memory, description, ENGINE, data), "wrap memory");
    return memory;
  }

  /** A description of a primitive whose scratch memory the caller passes. */
  static dnnl_primitive_desc primitiveDescription(Pointer operation, dnnl_primitive_desc forward) {
    dnnl_primitive_attr attributes = userScratch();
    dnnl_primitive_desc description = new dnnl_primitive_desc();
    check(
        dnnl_primitive_desc_create(
            description, new const_dnnl_op_desc_t(operation), attributes, ENGINE, forward),
        "have an implementation");
    dnnl_primitive_attr_destroy(attributes);
    return description;
  }

  static dnnl_primitive_desc reorderDescription(dnnl_memory_desc_t from, dnnl_memory_desc_t to) {
    dnnl_primitive_attr attributes = userScratch();
    dnnl_primitive_desc description = new dnnl_primitive_desc();
    check(
        dnnl_reorder_primitive_desc_create(description, from, ENGINE, to, ENGINE, attributes),
        "reorder weights");
    dnnl_primitive_attr_destroy(attributes);
    return description;
  }

  private static dnnl_primitive_attr userScratch() {
    dnnl_primitive_attr attributes = new dnnl_primitive_attr();
    check(dnnl_primitive_attr_create(attributes), "create attributes");
    check(
        dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user),
        "take scratch memory from the caller");
    return attributes;
  }

  static dnnl_primitive primitive(dnnl_primitive_desc description) {
    dnnl_primitive primitive = new dnnl_primitive();
    check(dnnl_primitive_create(primitive, description), "create a primitive");
    return primitive;
  }

  /** A copy of the memory description that a primitive asks for. */
  static dnnl_memory_desc_t query(dnnl_primitive_desc description, int what) {
    dnnl_memory_desc_t copy = new dnnl_memory_desc_t();
    Pointer.memcpy(copy, dnnl_primitive_desc_query_md(description, what, 0), copy.sizeof());
    return copy;
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
