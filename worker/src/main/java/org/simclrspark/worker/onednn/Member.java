package org.simclrspark.worker.onednn;

import java.util.Iterator;
import java.util.LinkedHashMap;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.dnnl.global.dnnl;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.winograd.TileWorkspace;

/** What one thread of an engine works with. */
final class Member implements AutoCloseable {

  /** Sizes that keep their memory: a shard has two at most where images are damaged. */
  static final int MOST_SLICES = 4;

  final dnnl_stream stream = OneDnn.stream();
  final Scratch scratch;
  final TileWorkspace tiles = new TileWorkspace();
  private final int index;
  private final int members;
  private final Network network;
  private final EngineWeights weights;

  /** By views, the one that was used last at the end. */
  private final LinkedHashMap<Integer, BatchSlice> slices = new LinkedHashMap<>(16, 0.75f, true);

  private Inference inference;

  Member(int index, int members, Network network, EngineWeights weights) {
    this.index = index;
    this.members = members;
    this.network = network;
    this.weights = weights;
    int widest =
        network.tensors().stream().mapToInt(t -> Shapes.padded(t.channels())).max().orElseThrow();
    scratch = new Scratch(widest);
  }

  /**
   * Its part of micro-batches in which it has so many views; made on first use. Sizes that have not
   * been used for longest give up their memory, but for those whose activations are kept.
   */
  BatchSlice slice(int views) {
    BatchSlice slice = slices.get(views);
    if (slice == null) {
      discardIdle();
      slice = new BatchSlice(network, views, index, weights.convolutions());
      slices.put(views, slice);
    }
    return slice;
  }

  private void discardIdle() {
    Iterator<BatchSlice> oldestFirst = slices.values().iterator();
    while (slices.size() >= MOST_SLICES && oldestFirst.hasNext()) {
      BatchSlice slice = oldestFirst.next();
      if (slice.isIdle()) {
        oldestFirst.remove();
        slice.close();
      }
    }
  }

  /** How many sizes of micro-batches have memory now. */
  int sliceCount() {
    return slices.size();
  }

  /** What it runs the encoder forward with; made on first use. */
  Inference inference() {
    if (inference == null) {
      inference = new Inference(network, index, members, weights);
    }
    return inference;
  }

  @Override
  public void close() {
    slices.values().forEach(BatchSlice::close);
    if (inference != null) {
      inference.close();
    }
    dnnl.dnnl_stream_destroy(stream);
  }
}
