package org.simclrspark.worker.workspace;

import java.util.HashMap;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.simclrspark.worker.network.Network;

/**
 * Which part of one workspace holds which activation while the encoder runs forward alone: an
 * activation makes room as soon as its last reader has run, and a norm works in place where it is
 * that reader.
 */
public final class InferencePlan {

  private final Map<Integer, WorkspacePart> parts = new HashMap<>();
  private final WorkspaceParts workspace = new WorkspaceParts();

  /**
   * Plans the forward pass to h.
   *
   * @param sizes bytes of an activation
   */
  public InferencePlan(Network network, ToLongFunction<Network.Tensor> sizes) {
    Map<Integer, Integer> readers = new HashMap<>();
    for (Network.Operation operation : network.encoderOperations()) {
      readers.merge(operation.in().id(), 1, Integer::sum);
      if (operation.residual() != null) {
        readers.merge(operation.residual().id(), 1, Integer::sum);
      }
    }
    parts.put(network.input().id(), workspace.take(sizes.applyAsLong(network.input())));
    for (Network.Operation operation : network.encoderOperations()) {
      boolean isLastReader = readers.get(operation.in().id()) == 1;
      if (operation.worksInPlace() && isLastReader) {
        parts.put(operation.out().id(), parts.get(operation.in().id()));
      } else {
        parts.put(operation.out().id(), workspace.take(sizes.applyAsLong(operation.out())));
        read(operation.in(), readers);
      }
      if (operation.residual() != null) {
        read(operation.residual(), readers);
      }
    }
  }

  private void read(Network.Tensor tensor, Map<Integer, Integer> readers) {
    if (readers.merge(tensor.id(), -1, Integer::sum) == 0) {
      workspace.release(parts.get(tensor.id()));
    }
  }

  /** Where an activation lies, or null where it belongs to the projection head. */
  public WorkspacePart part(Network.Tensor tensor) {
    return parts.get(tensor.id());
  }

  /** Bytes of the workspace. */
  public long bytes() {
    return workspace.bytes();
  }
}
