package org.simclrspark.worker.workspace;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.simclrspark.worker.network.Network;

/**
 * Which part of one workspace holds which activation's gradient while the network runs backward;
 * parts are used again as soon as their gradient is consumed.
 */
public final class GradientPlan {

  /**
   * One operation of the backward pass.
   *
   * @param gradient of the operation's output; norms overwrite it with what reaches them through
   *     the ReLU
   * @param other a second gradient of the same activation, to be added, or null
   * @param input where the gradient of the operation's input goes, or null where none is needed;
   *     may be the same part as {@code gradient}
   */
  public record Step(
      Network.Operation operation,
      WorkspacePart gradient,
      WorkspacePart other,
      WorkspacePart input) {}

  private final List<Step> steps = new ArrayList<>();
  private final WorkspaceParts parts = new WorkspaceParts();
  private final Map<Integer, List<WorkspacePart>> gradients = new HashMap<>();
  private final ToLongFunction<Network.Tensor> sizes;

  /**
   * Plans the backward pass.
   *
   * @param sizes bytes of an activation's gradient
   */
  public GradientPlan(Network network, ToLongFunction<Network.Tensor> sizes) {
    this(network.operations(), network.embedding(), sizes);
  }

  GradientPlan(
      List<Network.Operation> operations,
      Network.Tensor embedding,
      ToLongFunction<Network.Tensor> sizes) {
    this.sizes = sizes;
    add(embedding, take(embedding));
    for (int i = operations.size() - 1; i >= 0; i--) {
      plan(operations.get(i));
    }
  }

  /** The backward pass, in order. */
  public List<Step> steps() {
    return steps;
  }

  /** Bytes of the workspace. */
  public long bytes() {
    return parts.bytes();
  }

  private void plan(Network.Operation operation) {
    List<WorkspacePart> arriving = gradients.remove(operation.out().id());
    if (arriving == null || arriving.size() > 2) {
      throw new IllegalStateException(
          "An activation must go into one or two operations, because no more than two gradients are"
              + " added up, found activation "
              + operation.out().id()
              + " in "
              + (arriving == null ? 0 : arriving.size()));
    }
    WorkspacePart gradient = arriving.get(0);
    WorkspacePart other = arriving.size() > 1 ? arriving.get(1) : null;
    Network.Tensor residual = operation.residual();
    boolean needsInput = operation.in().id() != 0;
    boolean staysInPlace = operation.worksInPlace() && residual == null;
    WorkspacePart input = staysInPlace ? gradient : needsInput ? take(operation.in()) : null;
    steps.add(new Step(operation, gradient, other, input));
    if (residual != null) {
      add(residual, gradient);
    } else if (!staysInPlace) {
      parts.release(gradient);
    }
    if (input != null) {
      add(operation.in(), input);
    }
    if (other != null) {
      parts.release(other);
    }
  }

  private void add(Network.Tensor tensor, WorkspacePart part) {
    gradients.computeIfAbsent(tensor.id(), id -> new ArrayList<>()).add(part);
  }

  private WorkspacePart take(Network.Tensor tensor) {
    return parts.take(sizes.applyAsLong(tensor));
  }
}
