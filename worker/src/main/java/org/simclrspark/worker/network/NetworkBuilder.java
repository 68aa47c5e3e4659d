package org.simclrspark.worker.network;

import java.util.ArrayList;
import java.util.List;
import org.simclrspark.worker.network.Network.Convolution;
import org.simclrspark.worker.network.Network.Normalisation;
import org.simclrspark.worker.network.Network.Operation;
import org.simclrspark.worker.network.Network.Tensor;

/** Collects a network's activations and operations, and lays out its parameters and statistics. */
final class NetworkBuilder {

  private final EncoderSettings settings;
  private final List<Tensor> tensors = new ArrayList<>();
  private final List<Operation> operations = new ArrayList<>();
  private final List<ParameterLayout.Block> blocks = new ArrayList<>();
  private final List<ParameterLayout.Block> zeroInitialised = new ArrayList<>();
  private int parameterCount;
  private int statisticsSize;

  NetworkBuilder(EncoderSettings settings) {
    this.settings = settings;
  }

  /** A new activation. */
  Tensor tensor(int channels, int side) {
    if (side < 1) {
      throw new IllegalArgumentException(
          "Image size must leave at least one pixel after the last stage, found "
              + settings.imageSize());
    }
    Tensor tensor = new Tensor(tensors.size(), channels, side);
    tensors.add(tensor);
    return tensor;
  }

  /** A new block of parameters. */
  ParameterLayout.Block block(String name, boolean adapted, Integer... shape) {
    ParameterLayout.Block block =
        new ParameterLayout.Block(name, List.of(shape), parameterCount, adapted);
    blocks.add(block);
    parameterCount = Math.addExact(parameterCount, block.length());
    return block;
  }

  /** Adds an operation and returns its output. */
  Tensor add(Operation operation) {
    operations.add(operation);
    return operation.out();
  }

  /** Adds a convolution that keeps the size, but for its stride. */
  Tensor convolution(String name, Tensor in, int channels, int kernel, int stride) {
    Tensor out = tensor(channels, (in.side() + 2 * (kernel / 2) - kernel) / stride + 1);
    ParameterLayout.Block weight =
        block(name + ".weight", true, channels, in.channels(), kernel, kernel);
    return add(new Convolution(in, out, kernel, stride, weight));
  }

  /**
   * Adds a norm.
   *
   * @param residual added before the ReLU, or null
   * @param groups see {@link Normalisation}
   * @param shifts whether it has a shift
   */
  Normalisation norm(
      String name,
      Tensor in,
      Tensor residual,
      Tensor out,
      boolean relu,
      int groups,
      boolean shifts) {
    ParameterLayout.Block scale = block(name + ".norm.scale", false, in.channels());
    ParameterLayout.Block shift = shifts ? block(name + ".norm.shift", false, in.channels()) : null;
    int statistics = -1;
    if (groups == 0) {
      statistics = statisticsSize;
      statisticsSize += 2 * in.channels();
    }
    Normalisation norm =
        new Normalisation(in, residual, out, relu, groups, scale, shift, statistics);
    operations.add(norm);
    return norm;
  }

  /** Has a norm's scale start at zero. */
  void startAtZero(Normalisation norm) {
    zeroInitialised.add(norm.scale());
  }

  List<Tensor> tensors() {
    return List.copyOf(tensors);
  }

  List<Operation> operations() {
    return List.copyOf(operations);
  }

  List<ParameterLayout.Block> zeroInitialised() {
    return List.copyOf(zeroInitialised);
  }

  ParameterLayout layout() {
    return new ParameterLayout(List.copyOf(blocks));
  }

  int statisticsSize() {
    return statisticsSize;
  }
}
