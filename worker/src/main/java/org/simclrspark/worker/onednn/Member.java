package org.simclrspark.worker.onednn;

import java.util.HashMap;
import java.util.Map;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.dnnl.global.dnnl;
import org.simclrspark.worker.Network;

/** What one thread of an engine works with. */
final class Member implements AutoCloseable {

  final dnnl_stream stream = OneDnn.stream();
  final Scratch scratch;
  private final int index;
  private final Network network;
  private final EngineWeights weights;
  private final Map<Integer, Slice> slices = new HashMap<>();

  Member(int index, Network network, EngineWeights weights) {
    this.index = index;
    this.network = network;
    this.weights = weights;
    int widest =
        network.tensors().stream().mapToInt(t -> Shapes.padded(t.channels())).max().orElseThrow();
    scratch = new Scratch(widest);
  }

  /** Its part of micro-batches in which it has so many views; made on first use. */
  Slice slice(int views) {
    return slices.computeIfAbsent(views, n -> new Slice(network, n, index, weights.convolutions()));
  }

  @Override
  public void close() {
    slices.values().forEach(Slice::close);
    dnnl.dnnl_stream_destroy(stream);
  }
}
