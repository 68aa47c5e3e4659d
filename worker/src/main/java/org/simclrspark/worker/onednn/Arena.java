package org.simclrspark.worker.onednn;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.FloatPointer;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.workspace.InferencePlan;
import org.simclrspark.worker.workspace.WorkspacePart;

/** The activations of one slice of a micro-batch, in one piece of native memory. */
final class Arena implements AutoCloseable {

  final ByteBuffer[] views;
  final FloatPointer[] pointers;

  /** Means and 1 / standard deviation of each norm, by operation: [channels] or [n, channels]. */
  final Map<Network.Normalisation, float[][]> moments = new IdentityHashMap<>();

  /** Arguments of primitives, by operation: forward, then backward. */
  final Map<Network.Operation, dnnl_exec_arg_t[]> arguments = new IdentityHashMap<>();

  private final Buffer buffer;
  private final List<dnnl_memory> memories = new ArrayList<>();

  /** Room for all activations of a training pass, one behind the other, and for more. */
  Arena(Network network, int slice, long extraBytes) {
    this(bytes(network, slice) + extraBytes, network, slice);
    long offset = 0;
    for (Network.Tensor tensor : network.tensors()) {
      place(tensor, offset, Shapes.bytes(tensor, slice));
      offset += Shapes.bytes(tensor, slice);
    }
  }

  /** Room for what an inference pass needs at a time. */
  Arena(Network network, int slice, InferencePlan plan) {
    this(plan.bytes(), network, slice);
    for (Network.Tensor tensor : network.tensors()) {
      WorkspacePart part = plan.part(tensor);
      if (part != null) {
        place(tensor, part.offset(), part.bytes());
      }
    }
  }

  private Arena(long bytes, Network network, int slice) {
    views = new ByteBuffer[network.tensors().size()];
    pointers = new FloatPointer[views.length];
    buffer = new Buffer(bytes);
    for (Network.Normalisation norm : network.operations(Network.Normalisation.class)) {
      int values = Shapes.padded(norm.in().channels()) * (norm.overBatch() ? 1 : slice);
      moments.put(norm, new float[2][values]);
    }
  }

  private void place(Network.Tensor tensor, long offset, long bytes) {
    views[tensor.id()] = buffer.view(offset, bytes);
    pointers[tensor.id()] = buffer.at(offset);
  }

  /** Bytes of native memory. */
  long bytes() {
    return buffer.bytes();
  }

  static long bytes(Network network, int slice) {
    long bytes = 0;
    for (Network.Tensor tensor : network.tensors()) {
      bytes += Shapes.bytes(tensor, slice);
    }
    return bytes;
  }

  dnnl_memory memory(dnnl_memory_desc description, Network.Tensor tensor) {
    return keep(OneDnn.memory(description, pointers[tensor.id()]));
  }

  /** Memory behind the activations. */
  dnnl_memory extra(dnnl_memory_desc description, long offset) {
    long start = 0;
    for (int i = 0; i < views.length; i++) {
      start += views[i].capacity();
    }
    return keep(OneDnn.memory(description, buffer.at(start + offset)));
  }

  private dnnl_memory keep(dnnl_memory memory) {
    memories.add(memory);
    return memory;
  }

  @Override
  public void close() {
    memories.forEach(dnnl::dnnl_memory_destroy);
    buffer.close();
  }
}
