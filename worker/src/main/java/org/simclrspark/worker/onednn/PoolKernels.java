package org.simclrspark.worker.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_workspace_md;

import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.simclrspark.worker.network.Network;

/** oneDNN's max pooling, forward and backward, for a fixed number of views. */
final class PoolKernels implements AutoCloseable {

  final dnnl_memory_desc source;
  final dnnl_memory_desc destination;
  final dnnl_memory_desc winners;
  final dnnl_primitive forward;
  final dnnl_primitive backward;

  PoolKernels(Network.MaxPool operation, int views) {
    Shape shape = new Shape(operation, views);
    source = shape.source;
    destination = shape.destination;
    dnnl_primitive_desc forwardDescription = OneDnn.maxPool(dnnl_forward_training, shape);
    winners = OneDnn.query(forwardDescription, dnnl_query_workspace_md);
    forward = OneDnn.primitive(forwardDescription);
    dnnl_primitive_desc backwardDescription = OneDnn.maxPoolBackward(shape, forwardDescription);
    backward = OneDnn.primitive(backwardDescription);
    dnnl_primitive_desc_destroy(backwardDescription);
    dnnl_primitive_desc_destroy(forwardDescription);
  }

  @Override
  public void close() {
    dnnl_primitive_destroy(forward);
    dnnl_primitive_destroy(backward);
    OneDnn.release(source, destination, winners);
  }

  /** Formats, steps and padding. */
  static final class Shape {
    final dnnl_memory_desc source;
    final dnnl_memory_desc destination;
    final long[] strides = {2, 2};
    final long[] kernel = {3, 3};
    final long[] before = {1, 1};
    final long[] behind;

    Shape(Network.MaxPool operation, int views) {
      int channels = Shapes.blocked(operation.in());
      int in = operation.in().side();
      int out = operation.out().side();
      source = OneDnn.description(OneDnn.blockedTag(), views, channels, in, in);
      destination = OneDnn.description(OneDnn.blockedTag(), views, channels, out, out);
      long after = 2L * (out - 1) + 3 - in - 1;
      behind = new long[] {after, after};
    }
  }
}
