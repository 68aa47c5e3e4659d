package org.simclrspark.worker.onednn;

import java.nio.ByteBuffer;
import org.simclrspark.worker.network.Network;

/** Global average pooling of a slice. */
final class Pools {

  private Pools() {}

  static void average(Network.Operation operation, Arena arena, int views) {
    int chunk = Shapes.chunkBytes(operation.in());
    int chunks = views * Shapes.padded(operation.in().channels()) / OneDnn.BLOCK;
    for (int i = 0; i < chunks; i++) {
      Kernels.average(
          arena.views[operation.in().id()],
          i * chunk,
          operation.in().pixels(),
          arena.views[operation.out().id()],
          i * OneDnn.BLOCK * Float.BYTES);
    }
  }

  static void averageGradient(
      Network.Operation operation, ByteBuffer gradient, ByteBuffer input, int views) {
    int chunk = Shapes.chunkBytes(operation.in());
    int chunks = views * Shapes.padded(operation.in().channels()) / OneDnn.BLOCK;
    for (int i = 0; i < chunks; i++) {
      Kernels.averageGradient(
          gradient, i * OneDnn.BLOCK * Float.BYTES, input, i * chunk, operation.in().pixels());
    }
  }
}
