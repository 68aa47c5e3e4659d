package org.simclrspark.worker.onednn;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import org.simclrspark.worker.engine.MicroBatchEngine;
import org.simclrspark.worker.network.Network;

/** The activations of a micro-batch, each thread's slice in an arena of its own. */
final class MicroBatch implements MicroBatchEngine.Activations {

  final int count;

  /** Views of each member, and the first of them. */
  final int[] slices;

  final int[] starts;

  /** By member; null where it has no views. */
  final Arena[] arenas;

  private final Network network;
  private final Member[] members;
  private float[] embeddings;
  private float[] statistics;

  MicroBatch(int count, Network network, Member[] members) {
    this.count = count;
    this.network = network;
    this.members = members;
    slices = new int[members.length];
    starts = new int[members.length];
    arenas = new Arena[members.length];
    for (int member = 0, start = 0; member < members.length; member++) {
      slices[member] = count / members.length + (member < count % members.length ? 1 : 0);
      starts[member] = start;
      start += slices[member];
    }
  }

  /** Members that have views. */
  int active() {
    return Math.min(count, members.length);
  }

  /** A member's slice, or null where it has no views. */
  BatchSlice slice(int member) {
    return slices[member] > 0 ? members[member].slice(slices[member]) : null;
  }

  /** Takes an arena for a member and copies its views [count, 3, size, size] into it. */
  void begin(int member, float[] views) {
    if (slices[member] > 0) {
      int length = network.input().channels() * network.input().pixels();
      arenas[member] = slice(member).acquire();
      arenas[member]
          .views[0]
          .asFloatBuffer()
          .put(views, starts[member] * length, slices[member] * length);
    }
  }

  /** Takes the results out after the whole network has run. */
  void finish(EngineWeights weights) {
    embeddings = copyOut(network.embedding());
    statistics = new float[network.statisticsSize()];
    for (Network.Normalisation norm : network.batchNorms()) {
      weights.batchNorm(norm).statistics(slices, statistics, members[0].scratch);
    }
  }

  /** Vectors without their padding, [count, channels]. */
  float[] copyOut(Network.Tensor tensor) {
    float[] values = new float[count * tensor.channels()];
    int stride = Shapes.padded(tensor.channels());
    for (int member = 0; member < active(); member++) {
      FloatBuffer rows = arenas[member].views[tensor.id()].asFloatBuffer();
      for (int view = 0; view < slices[member]; view++) {
        rows.position(view * stride);
        rows.get(values, (starts[member] + view) * tensor.channels(), tensor.channels());
      }
    }
    return values;
  }

  /** Copies a member's rows of dL/dz [count, d] into padded ones. */
  void copyIn(int member, float[] from, ByteBuffer to) {
    int length = network.embedding().channels();
    int stride = Shapes.padded(length);
    FloatBuffer rows = to.asFloatBuffer();
    for (int view = 0; view < slices[member]; view++) {
      rows.position(view * stride);
      rows.put(from, (starts[member] + view) * length, length);
      for (int c = length; c < stride; c++) {
        rows.put(0f);
      }
    }
  }

  @Override
  public float[] embeddings() {
    return embeddings;
  }

  @Override
  public float[] statistics() {
    return statistics;
  }

  @Override
  public void close() {
    for (int member = 0; member < arenas.length; member++) {
      if (arenas[member] != null) {
        slice(member).release(arenas[member]);
        arenas[member] = null;
      }
    }
  }
}
