package org.simclrspark.worker;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.simclrspark.worker.Engine.Activations;

/**
 * Activations of one engine that wait for the gradient at their embeddings, so that the backward
 * pass need not run the encoder again. A pass that does not find them computes them anew, with the
 * same bits: they are a shortcut, never a state.
 *
 * <p>Used by the borrower of the engine alone.
 */
public final class KeptActivations implements AutoCloseable {

  private final Map<Key, Activations> kept = new HashMap<>();
  private UUID step;
  private long bytes;

  private record Key(int shard, int microBatch) {}

  /** Frees what other steps left behind, which happens where tasks were lost. */
  void enter(UUID newStep) {
    if (!newStep.equals(step)) {
      close();
      step = newStep;
    }
  }

  /**
   * Keeps activations of the step, or closes them where the budget is used up.
   *
   * @param size of the activations, in bytes
   * @param budget for all that are kept, in bytes
   */
  void offer(int shard, int microBatch, Activations activations, long size, long budget) {
    if (bytes + size > budget) {
      activations.close();
      return;
    }
    Activations before = kept.put(new Key(shard, microBatch), activations);
    if (before == null) {
      bytes += size;
    } else {
      before.close();
    }
  }

  /** Whether nothing is kept. */
  boolean isEmpty() {
    return kept.isEmpty();
  }

  /** Whether something is kept for a shard of a step. */
  boolean holds(UUID ofStep, int shard) {
    return ofStep.equals(step) && kept.keySet().stream().anyMatch(key -> key.shard == shard);
  }

  /** Hands over the activations of a micro-batch, which the caller closes; null if not kept. */
  Activations take(int shard, int microBatch, long size) {
    Activations found = kept.remove(new Key(shard, microBatch));
    if (found != null) {
      bytes -= size;
    }
    return found;
  }

  /** Frees everything. */
  @Override
  public void close() {
    kept.values().forEach(Activations::close);
    kept.clear();
    bytes = 0;
  }
}
