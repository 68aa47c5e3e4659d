package org.simclrspark.worker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

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
  public record Step(Network.Operation operation, Part gradient, Part other, Part input) {}

  /** A part of the workspace. */
  public record Part(long offset, long bytes) {}

  private final List<Step> steps = new ArrayList<>();
  private final TreeMap<Long, Long> free = new TreeMap<>();
  private final Map<Integer, List<Part>> gradients = new HashMap<>();
  private final ToLongFunction<Network.Tensor> sizes;
  private long bytes;

  /**
   * Plans the backward pass.
   *
   * @param sizes bytes of an activation's gradient
   */
  public GradientPlan(Network network, ToLongFunction<Network.Tensor> sizes) {
    this.sizes = sizes;
    List<Network.Operation> operations = network.operations();
    add(network.embedding(), take(network.embedding()));
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
    return bytes;
  }

  private void plan(Network.Operation operation) {
    List<Part> arriving = gradients.remove(operation.out().id());
    Part gradient = arriving.get(0);
    Part other = arriving.size() > 1 ? arriving.get(1) : null;
    if (operation instanceof Network.Normalisation norm) {
      Part input = norm.residual() == null ? gradient : take(norm.in());
      steps.add(new Step(operation, gradient, other, input));
      if (norm.residual() != null) {
        add(norm.residual(), gradient);
      }
      add(norm.in(), input);
    } else {
      Part input = operation.in().id() == 0 ? null : take(operation.in());
      steps.add(new Step(operation, gradient, other, input));
      release(gradient);
      if (input != null) {
        add(operation.in(), input);
      }
    }
    if (other != null) {
      release(other);
    }
  }

  private void add(Network.Tensor tensor, Part part) {
    gradients.computeIfAbsent(tensor.id(), id -> new ArrayList<>()).add(part);
  }

  /** Best fit; the workspace grows where nothing fits. */
  private Part take(Network.Tensor tensor) {
    long wanted = sizes.applyAsLong(tensor);
    long best = -1;
    for (Map.Entry<Long, Long> hole : free.entrySet()) {
      if (hole.getValue() >= wanted && (best < 0 || hole.getValue() < free.get(best))) {
        best = hole.getKey();
      }
    }
    if (best < 0) {
      Map.Entry<Long, Long> last = free.lastEntry();
      if (last != null && last.getKey() + last.getValue() == bytes) {
        best = last.getKey();
        free.put(best, wanted);
        bytes = best + wanted;
      } else {
        best = bytes;
        free.put(best, wanted);
        bytes += wanted;
      }
    }
    long size = free.remove(best);
    if (size > wanted) {
      free.put(best + wanted, size - wanted);
    }
    return new Part(best, wanted);
  }

  private void release(Part part) {
    long offset = part.offset();
    long size = part.bytes();
    Map.Entry<Long, Long> before = free.lowerEntry(offset);
    if (before != null && before.getKey() + before.getValue() == offset) {
      free.remove(before.getKey());
      offset = before.getKey();
      size += before.getValue();
    }
    Long after = free.remove(offset + size);
    free.put(offset, after == null ? size : size + after);
  }
}
