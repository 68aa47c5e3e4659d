package org.simclrspark.loss.threads;

import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * The order of work over the tiles of a symmetric matrix, each pair of blocks once.
 *
 * <p>Of B blocks, round r holds the tiles (I, J), I <= J, with I + J = r modulo B: every block is
 * in exactly one tile of a round. A tile may write to what belongs to its two blocks, and starts
 * when both have finished the round before. So each block receives its contributions in the order
 * of the rounds, whatever the number of threads and their timing.
 */
public final class TileRounds {
  /** What is done for a tile. */
  @FunctionalInterface
  public interface Tile {
    /** Works on blocks {@code first <= second}. */
    void run(int first, int second);
  }

  /** Looks, about 100 microseconds of them, before a thread that waits lets others run. */
  private static final int SPINS = 5000;

  private static final long PAUSE_NANOSECONDS = 20_000;

  private final int blocks;
  private final AtomicIntegerArray finishedRounds;
  private volatile boolean failed;

  private TileRounds(int blocks) {
    this.blocks = blocks;
    this.finishedRounds = new AtomicIntegerArray(blocks);
  }

  /** Runs all tiles; {@code worker} makes what one thread runs, with its scratch memory. */
  public static void run(int threads, int blocks, Supplier<Tile> worker) {
    TileRounds rounds = new TileRounds(blocks);
    int tiles = Math.multiplyExact(blocks, blocks + 1) / 2;
    ThreadTeam.forEach(threads, tiles, () -> rounds.consumer(worker.get()));
  }

  private IntConsumer consumer(Tile tile) {
    return item -> {
      try {
        runItem(item, tile);
      } catch (Throwable e) {
        failed = true;
        throw e;
      }
    };
  }

  /** Rounds differ by at most one tile, so items are numbered by pairs of rounds, B + 1 a pair. */
  private void runItem(int item, Tile tile) {
    int round = item / (blocks + 1) * 2;
    int position = item % (blocks + 1);
    if (position >= tilesOf(round)) {
      position -= tilesOf(round);
      round++;
    }
    int first = firstOf(round, position);
    int second = Math.floorMod(round - first, blocks);
    await(first, round);
    await(second, round);
    tile.run(Math.min(first, second), Math.max(first, second));
    finishedRounds.set(first, round + 1);
    finishedRounds.set(second, round + 1);
  }

  /** Even rounds hold one tile more than odd ones if B is even. */
  private int tilesOf(int round) {
    return (blocks + 2 - round % 2) / 2;
  }

  private int firstOf(int round, int position) {
    return Math.floorMod((round + 1) / 2 + position, blocks);
  }

  private void await(int block, int round) {
    for (int spins = 1; finishedRounds.get(block) < round; spins++) {
      if (failed) {
        throw new CancellationException("Another thread of the loss failed");
      }
      if (spins < SPINS) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(PAUSE_NANOSECONDS);
      }
    }
  }
}
