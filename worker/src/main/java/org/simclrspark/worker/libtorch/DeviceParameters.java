package org.simclrspark.worker.libtorch;

import java.util.HashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.network.ParameterLayout;
import org.simclrspark.worker.network.ParameterLayout.Block;

/**
 * The parameters on the device, and their gradient: one flat vector each, copied as a whole, with a
 * leaf of the autograd graph for every block. libtorch adds to the gradients in place, so the sum
 * over micro-batches forms on the device.
 *
 * <p>Weights of convolutions and their gradients lie as the network's activations do, so that no
 * pass copies them anew.
 */
final class DeviceParameters implements AutoCloseable {

  private final TorchDevice device;
  private final ParameterLayout layout;
  private final Tensor gradient;

  /** By the offset of their block. */
  private final Map<Integer, Tensor> leaves = new HashMap<>();

  DeviceParameters(Network network, TorchDevice device) {
    this.device = device;
    this.layout = network.layout();
    gradient = device.zeros(ScalarType.Float, layout.size());
    try (PointerScope scope = new PointerScope()) {
      for (Block block : layout.blocks()) {
        Tensor leaf = part(block).clone();
        leaf.set_requires_grad(true);
        leaf.mutable_grad().put(part(block));
        leaf.retainReference();
        leaves.put(block.offset(), leaf);
      }
    }
  }

  /** The block of the flat gradient, in its shape: channels_last, where it has that. */
  private Tensor part(Block block) {
    Tensor values = gradient.narrow(0, block.offset(), block.length());
    long[] shape = shape(block);
    return shape.length == 4
        ? values.view(shape[0], shape[2], shape[3], shape[1]).permute(0, 3, 1, 2)
        : values.view(shape);
  }

  private static long[] shape(Block block) {
    return block.shape().stream().mapToLong(Integer::longValue).toArray();
  }

  /** Copies new values to the device. */
  void load(float[] values) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor flat = device.upload(values, 0, values.length, values.length);
      for (Block block : layout.blocks()) {
        leaves
            .get(block.offset())
            .copy_(flat.narrow(0, block.offset(), block.length()).view(shape(block)));
      }
    }
  }

  /** The leaf of a block, in its shape. */
  Tensor leaf(Block block) {
    return leaves.get(block.offset());
  }

  /** Makes the gradient zero. */
  void clearGradient() {
    try (PointerScope scope = new PointerScope()) {
      gradient.zero_();
    }
  }

  /** The gradient since it was zero, in the layout of the parameters. */
  float[] gradient() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      TensorVector blocks = new TensorVector();
      for (Block block : layout.blocks()) {
        blocks.push_back(part(block).contiguous().view(-1));
      }
      return device.download(torch.cat(blocks));
    }
  }

  @Override
  public void close() {
    leaves.values().forEach(Tensor::close);
    gradient.close();
  }
}
