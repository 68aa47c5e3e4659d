package org.simclrspark.worker.onednn;

import org.simclrspark.worker.network.Network;

/** Sizes of activations in the layout of the engine. */
final class Shapes {

  private Shapes() {}

  /** Channels rounded up to whole blocks. */
  static int padded(int channels) {
    return (channels + OneDnn.BLOCK - 1) / OneDnn.BLOCK * OneDnn.BLOCK;
  }

  /** Channels of an activation with its padding; the input image has none. */
  static int blocked(Network.Tensor tensor) {
    return tensor.id() == 0 ? tensor.channels() : padded(tensor.channels());
  }

  /** Bytes of one block of channels of one view. */
  static int chunkBytes(Network.Tensor tensor) {
    return Math.multiplyExact(tensor.pixels(), OneDnn.BLOCK * Float.BYTES);
  }

  /** Bytes of one view. */
  static long viewBytes(Network.Tensor tensor) {
    return (long) blocked(tensor) * tensor.pixels() * Float.BYTES;
  }

  static long bytes(Network.Tensor tensor, int views) {
    return Buffer.align(views * viewBytes(tensor));
  }
}
