package org.simclrspark.worker.libtorch;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.network.ParameterLayout.Block;
import org.simclrspark.worker.network.WeightStandardisation;

/**
 * Runs a {@link Network} forward as libtorch's operations, in channels_last. Call it inside a scope
 * that frees its tensors.
 */
final class TorchNetwork {

  private static final long[] ONE = {1, 1};
  private static final long[] NONE = {0, 0};
  private static final long[] TWO = {2, 2};
  private static final long[] THREE = {3, 3};
  private static final long[] FAN_IN = {1, 2, 3};

  private final Network network;
  private final DeviceParameters parameters;
  private final TorchDevice device;

  /** Where each norm's channels begin among those of all norms. */
  private final Map<Network.Operation, Integer> firstChannel = new HashMap<>();

  TorchNetwork(Network network, DeviceParameters parameters, TorchDevice device) {
    this.network = network;
    this.parameters = parameters;
    this.device = device;
    int channel = 0;
    for (Network.Normalisation norm : network.batchNorms()) {
      firstChannel.put(norm, channel);
      channel += norm.in().channels();
    }
  }

  /**
   * Statistics of all batch norms, one behind the other. In training a norm writes its
   * micro-batch's there, the variance with n - 1 in the denominator; in evaluation it reads.
   */
  record Moments(Tensor means, Tensor variances) {}

  /**
   * A forward pass in training mode.
   *
   * @param pool where the graph is cut in two, or null
   */
  record Result(Tensor embeddings, MaxPoolCut pool) {}

  /** Views [count, 3, size, size] as bytes to pixels in [0, 1]. */
  Tensor pixels(Tensor bytes) {
    Tensor floats = bytes.contiguous(MemoryFormat.ChannelsLast).to(ScalarType.Float);
    return pixelsOf(floats.div_(new Scalar(255.0)));
  }

  /** Pixels in the format and type of the network's activations. */
  Tensor pixelsOf(Tensor floats) {
    return floats.to(device.product()).contiguous(MemoryFormat.ChannelsLast);
  }

  /** Runs f and g. */
  Result embed(Tensor pixels, Moments moments) {
    Run run = new Run(moments, true);
    Tensor z = run.all(network.operations(), pixels);
    return new Result(z, run.cut);
  }

  /** Runs f with running statistics. */
  Tensor features(Tensor pixels, Moments running) {
    return new Run(running, false).all(network.encoderOperations(), pixels);
  }

  /** One pass through operations. */
  private final class Run implements Network.Visitor {
    private final Map<Integer, Tensor> activations = new HashMap<>();
    private final Moments moments;
    private final boolean training;
    private MaxPoolCut cut;

    Run(Moments moments, boolean training) {
      this.moments = moments;
      this.training = training;
    }

    Tensor all(List<Network.Operation> operations, Tensor pixels) {
      activations.put(network.input().id(), pixels);
      operations.forEach(operation -> operation.accept(this));
      return activations.get(operations.get(operations.size() - 1).out().id());
    }

    private Tensor in(Network.Operation operation) {
      return activations.get(operation.in().id());
    }

    private void out(Network.Operation operation, Tensor y) {
      activations.put(operation.out().id(), y);
    }

    @Override
    public void convolution(Network.Convolution operation) {
      Tensor weight = parameters.leaf(operation.weight());
      if (network.standardisesWeights()) {
        weight = standardise(weight);
      }
      long stride = operation.stride();
      Tensor x = in(operation).to(device.product());
      if (device.isCpu() && operation.kernel() == 1 && stride > 1) {
        // The same function. oneDNN's kernel for its gradient divides by zero on machines that tell
        // nothing about their caches.
        x = every(x, stride);
        stride = 1;
      }
      long[] padding = {operation.padding(), operation.padding()};
      out(
          operation,
          torch.conv2d(
              x,
              weight.to(device.product()).contiguous(MemoryFormat.ChannelsLast),
              new TensorOptional(),
              new long[] {stride, stride},
              padding,
              ONE,
              1));
    }

    @Override
    public void normalisation(Network.Normalisation norm) {
      Tensor y = norm.overBatch() ? batchNorm(norm) : groupNorm(norm);
      if (norm.residual() != null) {
        y.add_(activations.get(norm.residual().id()));
      }
      if (norm.relu()) {
        y.relu_();
      }
      // Not what operations in place return: those are references that own nothing.
      out(norm, y);
    }

    private Tensor batchNorm(Network.Normalisation norm) {
      int channel = firstChannel.get(norm);
      int channels = norm.in().channels();
      return torch.batch_norm(
          in(norm),
          optional(norm.scale()),
          optional(norm.shift()),
          new TensorOptional(moments.means().narrow(0, channel, channels)),
          new TensorOptional(moments.variances().narrow(0, channel, channels)),
          training,
          1,
          Network.EPSILON,
          true);
    }

    private Tensor groupNorm(Network.Normalisation norm) {
      return torch.group_norm(
          in(norm).to(ScalarType.Float),
          norm.groups(),
          optional(norm.scale()),
          optional(norm.shift()),
          Network.EPSILON,
          true);
    }

    @Override
    public void maxPool(Network.MaxPool operation) {
      Tensor x = in(operation);
      if (training && !device.isCpu()) {
        cut = MaxPoolCut.of(x);
        out(operation, cut.below());
      } else {
        // On a CPU the gradient adds up in one order.
        out(operation, torch.max_pool2d(x, THREE, TWO, ONE, ONE, false));
      }
    }

    @Override
    public void averagePool(Network.AveragePool operation) {
      ScalarTypeOptional type = new ScalarTypeOptional(ScalarType.Float);
      out(operation, in(operation).mean(new long[] {2, 3}, false, type));
    }

    @Override
    public void dense(Network.Dense operation) {
      Tensor weight = parameters.leaf(operation.weight()).to(device.product());
      Tensor x = in(operation).to(device.product());
      out(operation, x.matmul(weight.t()).to(ScalarType.Float));
    }
  }

  private TensorOptional optional(Block block) {
    return block == null ? new TensorOptional() : new TensorOptional(parameters.leaf(block));
  }

  private static Tensor standardise(Tensor weight) {
    Tensor centred = weight.sub(weight.mean(FAN_IN, true, new ScalarTypeOptional()));
    Tensor variance = centred.mul(centred).mean(FAN_IN, true, new ScalarTypeOptional());
    return centred.div(variance.add(new Scalar(WeightStandardisation.EPSILON)).sqrt());
  }

  /** Every n-th pixel of both directions: means over windows of one pixel. */
  private static Tensor every(Tensor x, long n) {
    long[] strides = {n, n};
    return torch.avg_pool2d(x, ONE, strides, NONE, false, true, new LongOptional());
  }
}
