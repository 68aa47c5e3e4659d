package org.simclrspark.worker.nd4j;

import java.util.IdentityHashMap;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.workspace.WorkspacePart;

/** Arrays of one micro-batch size, [n, channels, side, side] each, in one piece of memory. */
final class Frame implements AutoCloseable {

  private final INDArray memory;
  private final int views;

  Frame(long values, int views) {
    memory = Nd4j.createUninitializedDetached(DataType.FLOAT, values);
    this.views = views;
  }

  /** Memory for all activations of a micro-batch. */
  static Frame ofActivations(Network network, int views) {
    return new Frame(activationValues(network, views), views);
  }

  static long activationValues(Network network, int views) {
    return network.tensors().stream().mapToLong(tensor -> values(tensor, views)).sum();
  }

  static long values(Network.Tensor tensor, int views) {
    return (long) views * tensor.channels() * tensor.pixels();
  }

  /** The activations, by id. */
  INDArray[] activations(Network network) {
    INDArray[] arrays = new INDArray[network.tensors().size()];
    long offset = 0;
    for (Network.Tensor tensor : network.tensors()) {
      arrays[tensor.id()] = array(offset, tensor);
      offset += values(tensor, views);
    }
    return arrays;
  }

  INDArray array(long offset, Network.Tensor tensor) {
    return memory
        .get(NDArrayIndex.interval(offset, offset + values(tensor, views)))
        .reshape('c', views, tensor.channels(), tensor.side(), tensor.side());
  }

  INDArray array(WorkspacePart part, Network.Tensor tensor) {
    return array(part.offset() / Float.BYTES, tensor);
  }

  @Override
  public void close() {
    memory.close();
  }

  /** A micro-batch's activations and the means and 1 / deviations of its norms. */
  static final class Batch implements AutoCloseable {
    final int views;
    final INDArray[] arrays;
    final Map<Network.Operation, INDArray[]> moments = new IdentityHashMap<>();
    private final Frame frame;

    Batch(Network network, int views) {
      this.views = views;
      frame = ofActivations(network, views);
      arrays = frame.activations(network);
    }

    @Override
    public void close() {
      frame.close();
    }
  }
}
