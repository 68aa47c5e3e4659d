package org.simclrspark.worker.onednn;

import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.winograd.WinogradConvolution;

/** What an engine for CPUs takes of the Java heap; it loads no natives, a driver may ask. */
public final class EngineHeap {

  private EngineHeap() {}

  /**
   * Bytes of one engine.
   *
   * @param threads that share a micro-batch
   */
  public static long bytes(Network network, int threads) {
    long weights = 0;
    long workspace = 0;
    for (Network.Convolution operation : network.operations(Network.Convolution.class)) {
      int in = operation.in().channels();
      int out = operation.out().channels();
      if (WinogradConvolution.suits(
          in, out, operation.kernel(), operation.stride(), operation.padding())) {
        weights += WinogradConvolution.weightBytes(in, out);
        workspace = Math.max(workspace, WinogradConvolution.workspaceBytes(in, out));
      }
    }
    return weights + threads * workspace;
  }
}
