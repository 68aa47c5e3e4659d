package org.simclrspark.worker.nd4j;

import java.util.Arrays;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.simclrspark.worker.network.Network;

/** A forward pass over a micro-batch. */
final class Nd4jForward implements Network.Visitor {

  private final Frame.Batch frame;
  private final Map<Integer, INDArray> parameters;
  private final float[] running;

  /**
   * A pass over views that lie in the frame.
   *
   * @param parameters by offset
   * @param running means and variances in the layout of the statistics, or null in training mode
   */
  Nd4jForward(Frame.Batch frame, Map<Integer, INDArray> parameters, float[] running) {
    this.frame = frame;
    this.parameters = parameters;
    this.running = running;
  }

  private INDArray array(Network.Tensor tensor) {
    return frame.arrays[tensor.id()];
  }

  @Override
  public void convolution(Network.Convolution operation) {
    Arithmetic.convolution(
        operation,
        array(operation.in()),
        parameters.get(operation.weight().offset()),
        array(operation.out()));
  }

  @Override
  public void normalisation(Network.Normalisation norm) {
    INDArray residual = norm.residual() == null ? null : array(norm.residual());
    INDArray shift = norm.shift() == null ? null : parameters.get(norm.shift().offset());
    INDArray[] moments =
        Nd4jNorms.forward(
            norm,
            array(norm.in()),
            residual,
            array(norm.out()),
            parameters.get(norm.scale().offset()),
            shift,
            running == null || !norm.overBatch() ? null : running(norm));
    frame.moments.put(norm, moments);
  }

  private INDArray[] running(Network.Normalisation norm) {
    int channels = norm.in().channels();
    int from = norm.statistics();
    return new INDArray[] {
      Nd4j.createFromArray(Arrays.copyOfRange(running, from, from + channels)),
      Nd4j.createFromArray(Arrays.copyOfRange(running, from + channels, from + 2 * channels))
    };
  }

  @Override
  public void maxPool(Network.MaxPool operation) {
    Arithmetic.maxPool(array(operation.in()), array(operation.out()));
  }

  @Override
  public void averagePool(Network.AveragePool operation) {
    INDArray y = array(operation.out());
    y.assign(array(operation.in()).mean(2, 3).reshape(y.shape()));
  }

  @Override
  public void dense(Network.Dense operation) {
    INDArray weight = parameters.get(operation.weight().offset());
    Arithmetic.matrix(array(operation.in()))
        .mmul(weight.transpose(), Arithmetic.matrix(array(operation.out())));
  }
}
