package org.simclrspark.worker.libtorch;

import java.util.HashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.network.ParameterLayout;
import org.simclrspark.worker.network.ParameterLayout.Block;

/**
 * The parameters on the device and their gradient, with a leaf of the autograd graph for every
 * block; each crosses to the device or back as one flat vector. libtorch takes over a leaf's first
 * gradient as it is and adds the later ones to it, so the sum over micro-batches forms on the
 * device.
 *
 * <p>Weights of convolutions lie as the network's activations do, so that no pass copies them anew.
 */
final class DeviceParameters implements AutoCloseable {

  private final TorchDevice device;
  private final ParameterLayout layout;

  /** What crosses: parameters on their way in, the gradient on its way out. */
  private final Tensor flat;

  /** By the offset of their block. */
  private final Map<Integer, Tensor> leaves = new HashMap<>();

  DeviceParameters(Network network, TorchDevice device) {
    this.device = device;
    this.layout = network.layout();
    flat = device.zeros(ScalarType.Float, layout.size());
    try (PointerScope scope = new PointerScope()) {
      for (Block block : layout.blocks()) {
        Tensor leaf = device.zeros(ScalarType.Float, shape(block));
        if (leaf.dim() == 4) {
          leaf = leaf.contiguous(MemoryFormat.ChannelsLast);
        }
        leaf.set_requires_grad(true);
        leaf.retainReference();
        leaves.put(block.offset(), leaf);
      }
    }
  }

  /** The block of a flat vector, in its shape. */
  private static Tensor part(Tensor flat, Block block) {
    return flat.narrow(0, block.offset(), block.length()).view(shape(block));
  }

  private static long[] shape(Block block) {
    return block.shape().stream().mapToLong(Integer::longValue).toArray();
  }

  /** Copies new values to the device. */
  void load(float[] values) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      device.upload(values, flat);
      for (Block block : layout.blocks()) {
        leaf(block).copy_(part(flat, block));
      }
    }
  }

  /** The leaf of a block, in its shape. */
  Tensor leaf(Block block) {
    return leaves.get(block.offset());
  }

  /** Forgets the gradient. */
  void clearGradient() {
    try (PointerScope scope = new PointerScope()) {
      leaves.values().forEach(leaf -> leaf.mutable_grad().reset());
    }
  }

  /** The gradient since it was forgotten, in the layout of the parameters. */
  float[] gradient() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      for (Block block : layout.blocks()) {
        Tensor gradient = leaf(block).grad();
        if (gradient.defined()) {
          part(flat, block).copy_(gradient);
        } else {
          part(flat, block).zero_();
        }
      }
      return device.download(flat);
    }
  }

  @Override
  public void close() {
    leaves.values().forEach(Tensor::close);
    flat.close();
  }
}
