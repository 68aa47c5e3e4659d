package org.simclrspark.worker.bench;

import java.util.UUID;
import org.simclrspark.worker.Engines;
import org.simclrspark.worker.engine.Engine;
import org.simclrspark.worker.engine.EngineSettings;
import org.simclrspark.worker.machine.GpuMemory;
import org.simclrspark.worker.machine.JvmMemory;
import org.simclrspark.worker.network.EncoderSettings;
import org.simclrspark.worker.shard.ShardPass;

/**
 * How memory grew over many micro-batches, the first tenth of which does not count.
 *
 * @param microBatches that ran forward and backward
 * @param nativeBytes grown beside the Java heap, of a process that held {@code nativeBefore}
 * @param nativeBefore bytes
 * @param deviceBytes grown of the GPU's memory; 0 without one
 */
public record MemoryProof(int microBatches, long nativeBytes, long nativeBefore, long deviceBytes) {

  /** Images of a shard, in micro-batches. */
  private static final int OF_SHARD = 2;

  /** Arenas, code and caches of memory settle within. */
  private static final long ALLOWANCE = 256L << 20;

  /** Whether memory stays as it is. */
  public boolean holds() {
    return nativeBytes < ALLOWANCE && deviceBytes < ALLOWANCE;
  }

  /**
   * Runs them.
   *
   * @param microBatches at least 40
   * @param count views in a micro-batch
   */
  public static MemoryProof of(
      EncoderSettings settings, EngineSettings engines, int microBatches, int count) {
    RandomShard shard = RandomShard.of(settings, OF_SHARD * count, count);
    int shards = microBatches / shard.batches().count();
    try (Engine engine = Engines.create(settings, engines)) {
      float[] parameters = engine.initialParameters(1);
      JvmMemory before = null;
      long deviceBefore = 0;
      for (int i = 0; i < shards; i++) {
        if (i == shards / 10) {
          before = JvmMemory.now();
          deviceBefore = GpuMemory.usedBytes();
        }
        // Every second one keeps its activations.
        long memory = i % 2 == 0 ? Long.MAX_VALUE : 0;
        ShardPass pass = new ShardPass(UUID.randomUUID(), 0, memory);
        engine.load(pass.step(), parameters);
        engine.embed(pass, shard.views(), shard.batches());
        engine.backward(pass, shard.views(), shard.batches(), shard.upstream());
      }
      return new MemoryProof(
          shards * shard.batches().count(),
          JvmMemory.now().nativeBytes() - before.nativeBytes(),
          before.nativeBytes(),
          GpuMemory.usedBytes() - deviceBefore);
    }
  }
}
