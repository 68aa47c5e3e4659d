package org.simclrspark.worker.nd4j;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.simclrspark.worker.network.Network;

/** Batch norm and group norm on ND4J, with ReLU and residual addition. */
final class Nd4jNorms {

  private Nd4jNorms() {}

  /**
   * Computes {@code y = [relu](norm(x) * scale + shift [+ residual])}.
   *
   * @param running running means and variances to use, or null
   * @return means and 1 / deviations: [channels] or [n * groups]
   */
  static INDArray[] forward(
      Network.Normalisation operation,
      INDArray x,
      INDArray residual,
      INDArray y,
      INDArray scale,
      INDArray shift,
      INDArray[] running) {
    boolean batch = operation.overBatch();
    INDArray in = batch ? x : rows(operation, x);
    INDArray out = batch ? y : rows(operation, y);
    int[] reduced = batch ? new int[] {0, 2, 3} : new int[] {1};
    int kept = batch ? 1 : 0;
    INDArray mean = running == null ? in.mean(reduced) : running[0];
    Arithmetic.subtract(in, mean, out, kept);
    INDArray variance =
        running == null
            ? Arithmetic.squares(out, reduced).divi((double) in.length() / mean.length())
            : running[1];
    INDArray inverse = inverse(variance);
    if (batch) {
      Arithmetic.multiply(y, inverse.mul(scale), y, 1);
    } else {
      Arithmetic.multiply(out, inverse, out, 0);
      Arithmetic.multiply(y, scale, y, 1);
    }
    if (shift != null) {
      Arithmetic.add(y, shift, y, 1);
    }
    if (residual != null) {
      y.addi(residual);
    }
    if (operation.relu()) {
      Arithmetic.relu(y);
    }
    return new INDArray[] {mean, inverse, variance};
  }

  private static INDArray inverse(INDArray variance) {
    INDArray deviation = Transforms.sqrt(variance.add(Network.EPSILON), false);
    return deviation.rdivi(1);
  }

  /** One row for the channels of a group of a view. */
  private static INDArray rows(Network.Normalisation operation, INDArray array) {
    long rows = array.size(0) * operation.groups();
    return array.reshape('c', rows, array.length() / rows);
  }

  /**
   * Computes gradients.
   *
   * @param g of the output behind the ReLU; it arrives masked
   * @param dx where the gradient of the input goes; may be {@code g}
   * @param scratch two arrays like {@code x}
   * @return gradients of scale and shift
   */
  static INDArray[] backward(
      Network.Normalisation operation,
      INDArray x,
      INDArray[] moments,
      INDArray scale,
      INDArray g,
      INDArray dx,
      INDArray[] scratch) {
    boolean batch = operation.overBatch();
    INDArray normal = scratch[0];
    INDArray in = batch ? x : rows(operation, x);
    INDArray normalRows = batch ? normal : rows(operation, normal);
    int kept = batch ? 1 : 0;
    Arithmetic.subtract(in, moments[0], normalRows, kept);
    Arithmetic.multiply(normalRows, moments[1], normalRows, kept);
    INDArray shiftGradient = g.sum(0, 2, 3);
    INDArray scaleGradient = g.mul(normal, scratch[1]).sum(0, 2, 3);
    Arithmetic.multiply(g, scale, dx, 1);
    INDArray out = batch ? dx : rows(operation, dx);
    INDArray product = batch ? scratch[1] : rows(operation, scratch[1]);
    int[] reduced = batch ? new int[] {0, 2, 3} : new int[] {1};
    out.mul(normalRows, product);
    INDArray along = product.mean(reduced);
    INDArray average = out.mean(reduced);
    Arithmetic.multiply(normalRows, along, normalRows, kept);
    out.subi(normalRows);
    Arithmetic.subtract(out, average, out, kept);
    Arithmetic.multiply(out, moments[1], out, kept);
    return new INDArray[] {scaleGradient, shiftGradient};
  }
}
