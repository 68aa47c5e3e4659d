package org.simclrspark.worker.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCRATCHPAD;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_scratchpad_md;

import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.dnnl_stream;

/** A change of format between two fixed places. */
final class Reorder implements AutoCloseable {
  private final dnnl_primitive primitive;
  private final dnnl_exec_arg_t arguments;
  private final dnnl_memory scratch;
  private final Buffer scratchBuffer;

  Reorder(
      dnnl_memory_desc fromFormat, dnnl_memory from, dnnl_memory_desc toFormat, dnnl_memory to) {
    dnnl_primitive_desc description = OneDnn.reorder(fromFormat, toFormat);
    dnnl_memory_desc scratchFormat = OneDnn.query(description, dnnl_query_scratchpad_md);
    scratchBuffer = new Buffer(OneDnn.bytes(scratchFormat));
    scratch = OneDnn.memory(scratchFormat, scratchBuffer.at(0));
    primitive = OneDnn.primitive(description);
    dnnl_primitive_desc_destroy(description);
    OneDnn.release(scratchFormat);
    arguments =
        OneDnn.arguments(DNNL_ARG_FROM, from, DNNL_ARG_TO, to, DNNL_ARG_SCRATCHPAD, scratch);
  }

  void execute(dnnl_stream stream) {
    OneDnn.execute(primitive, stream, arguments);
  }

  @Override
  public void close() {
    dnnl_primitive_destroy(primitive);
    dnnl_memory_destroy(scratch);
    scratchBuffer.close();
  }
}
