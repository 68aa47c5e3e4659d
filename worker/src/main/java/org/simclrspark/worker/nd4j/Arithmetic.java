package org.simclrspark.worker.nd4j;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.CustomOp;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.impl.broadcast.BroadcastAddOp;
import org.nd4j.linalg.api.ops.impl.broadcast.BroadcastCopyOp;
import org.nd4j.linalg.api.ops.impl.broadcast.BroadcastMulOp;
import org.nd4j.linalg.api.ops.impl.broadcast.BroadcastSubOp;
import org.nd4j.linalg.factory.Nd4j;
import org.simclrspark.worker.network.Network;

/** ND4J's operations on arrays [n, channels, side, side], with results written in place. */
final class Arithmetic {

  private static final int FIRST_WEIGHTS_OUT_IN = 1;

  private Arithmetic() {}

  static void convolution(Network.Convolution operation, INDArray x, INDArray w, INDArray y) {
    run("conv2d", new INDArray[] {x, w}, new INDArray[] {y}, arguments(operation));
  }

  static void convolutionGradient(
      Network.Convolution operation,
      INDArray x,
      INDArray w,
      INDArray dy,
      INDArray dx,
      INDArray dw) {
    run("conv2d_bp", new INDArray[] {x, w, dy}, new INDArray[] {dx, dw}, arguments(operation));
  }

  private static int[] arguments(Network.Convolution operation) {
    int kernel = operation.kernel();
    int stride = operation.stride();
    int padding = operation.padding();
    return new int[] {
      kernel, kernel, stride, stride, padding, padding, 1, 1, 0, 0, FIRST_WEIGHTS_OUT_IN
    };
  }

  private static final int[] POOL = {3, 3, 2, 2, 1, 1, 1, 1, 0, 0, 0};

  static void maxPool(INDArray x, INDArray y) {
    run("maxpool2d", new INDArray[] {x}, new INDArray[] {y}, POOL);
  }

  static void maxPoolGradient(INDArray x, INDArray dy, INDArray dx) {
    run("maxpool2d_bp", new INDArray[] {x, dy}, new INDArray[] {dx}, POOL);
  }

  static void relu(INDArray y) {
    CustomOp relu =
        DynamicCustomOp.builder("relu")
            .addInputs(y)
            .addOutputs(y)
            .addFloatingPointArguments(0.0)
            .build();
    Nd4j.getExecutioner().exec(relu);
  }

  /** dy = dy where y is positive, else 0. */
  static void reluGradient(INDArray y, INDArray dy) {
    run("relu_bp", new INDArray[] {y, dy}, new INDArray[] {dy});
  }

  private static void run(String name, INDArray[] in, INDArray[] out, int... integers) {
    CustomOp operation =
        DynamicCustomOp.builder(name)
            .addInputs(in)
            .addOutputs(out)
            .addIntegerArguments(integers)
            .build();
    Nd4j.getExecutioner().exec(operation);
  }

  /** z = x - vector, the vector along a dimension. */
  static void subtract(INDArray x, INDArray vector, INDArray z, int dimension) {
    Nd4j.getExecutioner().exec(new BroadcastSubOp(x, vector, z, dimension));
  }

  static void add(INDArray x, INDArray vector, INDArray z, int dimension) {
    Nd4j.getExecutioner().exec(new BroadcastAddOp(x, vector, z, dimension));
  }

  static void multiply(INDArray x, INDArray vector, INDArray z, int dimension) {
    Nd4j.getExecutioner().exec(new BroadcastMulOp(x, vector, z, dimension));
  }

  /** z[n, c, :, :] = matrix[n, c]. */
  static void spread(INDArray matrix, INDArray z) {
    Nd4j.getExecutioner().exec(new BroadcastCopyOp(z, matrix, z, 0, 1));
  }

  /** Sums of squares over all dimensions but the one of channels. */
  static INDArray squares(INDArray x, int... dimensions) {
    INDArray norm = x.norm2(dimensions);
    return norm.muli(norm);
  }

  /** A vector for each view, [n, channels, 1, 1], as a matrix. */
  static INDArray matrix(INDArray array) {
    return array.reshape('c', array.size(0), array.size(1));
  }
}
