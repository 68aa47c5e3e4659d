package org.simclrspark.worker.nd4j;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.workspace.GradientPlan;

/** A backward pass over a micro-batch. */
final class Nd4jBackward implements Network.Visitor {

  private final Frame.Batch frame;
  private final Frame workspace;
  private final Frame scratch;
  private final Map<Integer, INDArray> parameters;
  private final Map<Integer, INDArray> gradients;

  /** Activations, and the gradients at output and input of the current operation. */
  private INDArray x;

  private INDArray dy;
  private INDArray dx;

  /**
   * A pass over what the forward pass has left in the frame.
   *
   * @param workspace of the plan
   * @param scratch room for two of the largest activations
   * @param parameters by offset
   * @param gradients of the parameters, by offset; overwritten
   */
  Nd4jBackward(
      Frame.Batch frame,
      Frame workspace,
      Frame scratch,
      Map<Integer, INDArray> parameters,
      Map<Integer, INDArray> gradients) {
    this.frame = frame;
    this.workspace = workspace;
    this.scratch = scratch;
    this.parameters = parameters;
    this.gradients = gradients;
  }

  /** Runs a step of the plan. */
  void run(GradientPlan.Step step) {
    Network.Operation operation = step.operation();
    x = frame.arrays[operation.in().id()];
    dy = workspace.array(step.gradient(), operation.out());
    if (step.other() != null) {
      dy.addi(workspace.array(step.other(), operation.out()));
    }
    dx =
        step.input() == null
            ? scratch.array(0, operation.in())
            : workspace.array(step.input(), operation.in());
    operation.accept(this);
  }

  @Override
  public void convolution(Network.Convolution operation) {
    int weight = operation.weight().offset();
    Arithmetic.convolutionGradient(
        operation, x, parameters.get(weight), dy, dx, gradients.get(weight));
  }

  @Override
  public void normalisation(Network.Normalisation norm) {
    if (norm.relu()) {
      Arithmetic.reluGradient(frame.arrays[norm.out().id()], dy);
    }
    INDArray[] temporary = {scratch.array(0, norm.in()), scratch.array(x.length(), norm.in())};
    INDArray scale = parameters.get(norm.scale().offset());
    INDArray[] found =
        Nd4jNorms.backward(norm, x, frame.moments.get(norm), scale, dy, dx, temporary);
    gradients.get(norm.scale().offset()).assign(found[0]);
    if (norm.shift() != null) {
      gradients.get(norm.shift().offset()).assign(found[1]);
    }
  }

  @Override
  public void maxPool(Network.MaxPool operation) {
    Arithmetic.maxPoolGradient(x, dy, dx);
  }

  @Override
  public void averagePool(Network.AveragePool operation) {
    Arithmetic.spread(Arithmetic.matrix(dy).div(operation.in().pixels()), dx);
  }

  @Override
  public void dense(Network.Dense operation) {
    INDArray rows = Arithmetic.matrix(dy);
    INDArray weight = parameters.get(operation.weight().offset());
    gradients.get(operation.weight().offset()).assign(rows.transpose().mmul(Arithmetic.matrix(x)));
    Arithmetic.matrix(dx).assign(rows.mmul(weight));
  }
}
