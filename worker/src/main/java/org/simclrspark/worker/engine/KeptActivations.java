package org.simclrspark.worker.engine;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.simclrspark.worker.shard.ShardPass;

/**
 * Activations of one engine that wait for the gradient at their embeddings, so that the backward
 * pass need not run the encoder again. A pass that does not find them computes them anew, with the
 * same bits: they are a shortcut, never a state.
 *
 * @param <A> how the engine keeps those of a micro-batch; closing frees them
 */
public final class KeptActivations<A extends AutoCloseable> implements AutoCloseable {

  private final Map<Key, Entry<A>> kept = new HashMap<>();
  private UUID step;
  private long bytes;

  private record Key(int shard, int microBatch) {}

  private record Entry<A>(A activations, long bytes) {}

  /** Frees what other steps left behind, which happens where tasks were lost. */
  public void enter(UUID newStep) {
    if (!newStep.equals(step)) {
      close();
      step = newStep;
    }
  }

  /**
   * Keeps activations of the step, or closes them where the pass's memory is used up.
   *
   * @param size of the activations, in bytes
   */
  public void offer(ShardPass pass, int microBatch, A activations, long size) {
    if (bytes + size > pass.memory()) {
      close(activations);
      return;
    }
    Entry<A> before = kept.put(new Key(pass.shard(), microBatch), new Entry<>(activations, size));
    bytes += size;
    if (before != null) {
      bytes -= before.bytes;
      close(before.activations);
    }
  }

  /** Whether nothing is kept. */
  public boolean isEmpty() {
    return kept.isEmpty();
  }

  /** Whether something is kept for a shard of a step. */
  public boolean holds(UUID ofStep, int shard) {
    return ofStep.equals(step) && kept.keySet().stream().anyMatch(key -> key.shard == shard);
  }

  /** Hands over the activations of a micro-batch, which the caller closes; null if not kept. */
  public A take(ShardPass pass, int microBatch) {
    Entry<A> found = kept.remove(new Key(pass.shard(), microBatch));
    if (found == null) {
      return null;
    }
    bytes -= found.bytes;
    return found.activations;
  }

  /** Frees everything. */
  @Override
  public void close() {
    kept.values().forEach(entry -> close(entry.activations));
    kept.clear();
    bytes = 0;
  }

  private static void close(AutoCloseable activations) {
    try {
      activations.close();
    } catch (Exception e) {
      throw new IllegalStateException("Activations must be freed, found: " + e.getMessage(), e);
    }
  }
}
