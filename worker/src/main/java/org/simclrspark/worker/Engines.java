package org.simclrspark.worker;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.simclrspark.data.NativeFolder;
import org.simclrspark.worker.nd4j.Nd4jEngine;
import org.simclrspark.worker.onednn.OneDnnEngine;

/**
 * Makes engines, and keeps idle ones of a JVM for the next task: an engine holds large buffers and
 * compiled primitives, so there is at most one per concurrently running task.
 */
public final class Engines {

  private static final ArrayDeque<Loan> IDLE = new ArrayDeque<>();

  private static final AtomicLong MADE = new AtomicLong();
  private static final AtomicLong REUSED = new AtomicLong();

  private Engines() {}

  /** Engines that were made for borrowers of this JVM. */
  public static long made() {
    return MADE.get();
  }

  /** Times that a borrower of this JVM got an engine that was there. */
  public static long reused() {
    return REUSED.get();
  }

  /**
   * Makes an engine; the caller closes it. With ND4J on CUDA it runs on the GPU of the Spark task.
   *
   * <p>Idle engines stay on their GPU: give an executor one GPU.
   *
   * @param threads that share a micro-batch, at least 1
   * @throws NativeFolder.NativeFolderException where native libraries do not load
   */
  public static Engine create(EncoderSettings settings, int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("Threads must be at least 1, found " + threads);
    }
    try {
      if (Devices.cuda()) {
        int gpu = Devices.ofTask();
        return new Nd4jEngine(settings, () -> Devices.bind(gpu));
      }
      return new OneDnnEngine(settings, threads, Natives::limitThread);
    } catch (LinkageError e) {
      throw NativeFolder.failed(e);
    } catch (IllegalStateException e) {
      if (e.getCause() instanceof LinkageError) {
        throw NativeFolder.failed(e);
      }
      throw e;
    }
  }

  /**
   * Borrows an engine of this JVM, making one where no idle one has these settings; idle engines
   * with other settings are closed. Use with try-with-resources.
   */
  public static Loan borrow(EncoderSettings settings, int threads) {
    return borrow(settings, threads, kept -> kept.isEmpty());
  }

  /**
   * As {@link #borrow(EncoderSettings, int)}, but takes the engine that has kept most for the
   * borrower, or else one that has kept nothing another may come for.
   *
   * @param step as for {@link ShardWorker#embed}
   */
  public static Loan borrow(EncoderSettings settings, int threads, UUID step, int shard) {
    return borrow(settings, threads, kept -> kept.holds(step, shard));
  }

  private static Loan borrow(
      EncoderSettings settings, int threads, Predicate<KeptActivations> isWanted) {
    synchronized (IDLE) {
      discardOthers(settings, threads);
      Loan best = null;
      for (Loan idle : IDLE) {
        if (isWanted.test(idle.kept)) {
          best = idle;
          break;
        }
        if (best == null || idle.kept.isEmpty()) {
          best = idle;
        }
      }
      if (best != null) {
        IDLE.remove(best);
        REUSED.incrementAndGet();
        return new Loan(settings, threads, best.engine, best.kept);
      }
    }
    Engine made = create(settings, threads);
    MADE.incrementAndGet();
    return new Loan(settings, threads, made, new KeptActivations());
  }

  private static void discardOthers(EncoderSettings settings, int threads) {
    Iterator<Loan> idle = IDLE.iterator();
    while (idle.hasNext()) {
      Loan loan = idle.next();
      if (loan.threads != threads || !loan.settings.equals(settings)) {
        idle.remove();
        loan.discard();
      }
    }
  }

  /** Closes all idle engines. */
  public static void closeIdle() {
    synchronized (IDLE) {
      IDLE.forEach(Loan::discard);
      IDLE.clear();
    }
  }

  /** An engine on loan; closing gives it back, or discards it where it has failed. */
  public static final class Loan implements EngineSource.Loan {
    private final EncoderSettings settings;
    private final int threads;
    private final Engine engine;
    private final KeptActivations kept;
    private boolean returned;

    private Loan(EncoderSettings settings, int threads, Engine engine, KeptActivations kept) {
      this.settings = settings;
      this.threads = threads;
      this.engine = engine;
      this.kept = kept;
    }

    private void discard() {
      kept.close();
      engine.close();
    }

    @Override
    public Engine engine() {
      return engine;
    }

    @Override
    public KeptActivations kept() {
      return kept;
    }

    @Override
    public void close() {
      synchronized (IDLE) {
        if (returned) {
          return;
        }
        returned = true;
        if (engine.isFailed()) {
          discard();
        } else {
          IDLE.push(this);
        }
      }
    }
  }
}
