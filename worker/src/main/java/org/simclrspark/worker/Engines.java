package org.simclrspark.worker;

import java.util.ArrayDeque;
import java.util.Iterator;
import org.simclrspark.worker.nd4j.Nd4jEngine;
import org.simclrspark.worker.onednn.OneDnnEngine;

/**
 * Makes engines, and keeps idle ones of a JVM for the next task: an engine holds large buffers and
 * compiled primitives, so there is at most one per concurrently running task.
 */
public final class Engines {

  private static final ArrayDeque<Loan> IDLE = new ArrayDeque<>();

  private Engines() {}

  /**
   * Makes an engine; the caller closes it. With ND4J on CUDA it runs on the GPU of the Spark task.
   *
   * <p>Idle engines stay on their GPU: give an executor one GPU.
   *
   * @param threads that share a micro-batch, at least 1
   */
  public static Engine create(EncoderSettings settings, int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("Threads must be at least 1, found " + threads);
    }
    if (Devices.cuda()) {
      int gpu = Devices.ofTask();
      return new Nd4jEngine(settings, () -> Devices.bind(gpu));
    }
    return new OneDnnEngine(settings, threads, Natives::limitThread);
  }

  /**
   * Borrows an engine of this JVM, making one where no idle one has these settings; idle engines
   * with other settings are closed. Use with try-with-resources.
   */
  public static Loan borrow(EncoderSettings settings, int threads) {
    synchronized (IDLE) {
      Iterator<Loan> idle = IDLE.iterator();
      while (idle.hasNext()) {
        Loan loan = idle.next();
        idle.remove();
        if (loan.threads == threads && loan.settings.equals(settings)) {
          return new Loan(settings, threads, loan.engine, loan.kept);
        }
        loan.discard();
      }
    }
    return new Loan(settings, threads, create(settings, threads), new KeptActivations());
  }

  /** Closes all idle engines. */
  public static void closeIdle() {
    synchronized (IDLE) {
      IDLE.forEach(Loan::discard);
      IDLE.clear();
    }
  }

  /** An engine on loan; closing gives it back. */
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
        if (!returned) {
          returned = true;
          IDLE.push(this);
        }
      }
    }
  }
}
