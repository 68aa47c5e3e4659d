package org.simclrspark.driver.run;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * The wish that a training ends early: SIGTERM and SIGINT (Ctrl-C) set it, the training loop asks
 * for it between steps, commits a checkpoint and ends with {@link #exitStatus}.
 *
 * <p>The signals are taken before they start the shutdown of the JVM, so that Spark and the file
 * systems still work while the checkpoint is written. A step that outlasts its patience is
 * cancelled: the loop then commits the state after the step before. A second signal ends the
 * process at once.
 *
 * <pre>{@code
 * try (StopRequest stop = StopRequest.onSignals(patience, spark.sc()::cancelAllJobs, log)) {
 *   while (step < steps && !stop.isRequested()) {
 *     Optional<StepResult> result = stop.unlessCancelled(() -> trainingStep.run(...));
 *     ...
 *   }
 *   if (stop.isRequested()) { run.commit(state, ...); return stop.exitStatus(); }
 * }
 * }</pre>
 */
public final class StopRequest implements AutoCloseable {

  private static final List<String> SIGNALS = List.of("TERM", "INT");

  /** A launcher that passes a signal on makes two of one. */
  private static final Duration SAME_SIGNAL = Duration.ofSeconds(1);

  private static final Duration CANCEL_AGAIN = Duration.ofMillis(500);

  private record Replaced(Signal signal, SignalHandler handler) {}

  private final Duration patience;
  private final Runnable cancel;
  private final Consumer<String> log;
  private final List<Replaced> replaced = new ArrayList<>();
  private int signalNumber;
  private long signalledAt;
  private boolean impatient;
  private Thread countdown;

  private StopRequest(Duration patience, Runnable cancel, Consumer<String> log) {
    this.patience = patience;
    this.cancel = cancel;
    this.log = log;
  }

  /**
   * Takes over the signals until {@link #close}.
   *
   * @param patience how long the running step may go on after a signal; well below the time after
   *     which the sender kills (30 seconds on Kubernetes), since the commit comes after it
   * @param cancel ends the running step, from another thread
   * @param log takes a line when a signal arrives
   */
  public static StopRequest onSignals(Duration patience, Runnable cancel, Consumer<String> log) {
    StopRequest request = new StopRequest(patience, cancel, log);
    for (String name : SIGNALS) {
      try {
        Signal signal = new Signal(name);
        request.replaced.add(new Replaced(signal, Signal.handle(signal, request::received)));
      } catch (IllegalArgumentException e) {
        log.accept("SIG" + name + " ends the run without a checkpoint: " + e.getMessage());
      }
    }
    return request;
  }

  /** Whether a signal has arrived. Whoever asks has ended its step: nothing is cancelled then. */
  public synchronized boolean isRequested() {
    if (countdown != null) {
      countdown.interrupt();
    }
    return signalNumber != 0;
  }

  /**
   * Runs a step.
   *
   * @return empty if it failed after a signal, because it was cancelled
   */
  public <T> Optional<T> unlessCancelled(Supplier<T> step) {
    try {
      return Optional.of(step.get());
    } catch (Exception e) {
      // Not only unchecked ones: Spark, which is written in Scala, declares none.
      if (isRequested()) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * Runs work that is repeated as a whole if it is stopped: it is cancelled as soon as a signal
   * arrives, without patience.
   *
   * @return empty if it failed after a signal, or did not start because there was one
   */
  public <T> Optional<T> unlessStopped(Supplier<T> work) {
    synchronized (this) {
      if (signalNumber != 0) {
        return Optional.empty();
      }
      impatient = true;
    }
    try {
      return unlessCancelled(work);
    } finally {
      synchronized (this) {
        impatient = false;
      }
    }
  }

  /** 128 and the signal's number, as shells report it: 143 for SIGTERM, 130 for SIGINT. */
  public synchronized int exitStatus() {
    return 128 + signalNumber;
  }

  @Override
  public synchronized void close() {
    replaced.forEach(each -> Signal.handle(each.signal(), each.handler()));
    replaced.clear();
    if (countdown != null) {
      countdown.interrupt();
    }
  }

  private synchronized void received(Signal signal) {
    if (signalNumber != 0) {
      if (System.nanoTime() - signalledAt > SAME_SIGNAL.toNanos()) {
        Runtime.getRuntime().halt(128 + signal.getNumber());
      }
      return;
    }
    signalNumber = signal.getNumber();
    signalledAt = System.nanoTime();
    Duration wait = impatient ? Duration.ZERO : patience;
    log.accept(
        "SIG"
            + signal.getName()
            + (impatient
                ? " received: the evaluation is given up"
                : " received: the run ends with a checkpoint after this step. Send it again to end"
                    + " at once, without one"));
    countdown = new Thread(() -> cancelAfter(wait), "stop-request");
    countdown.setDaemon(true);
    countdown.start();
  }

  /** Cancels again and again: between two jobs of a step there is nothing to cancel. */
  private void cancelAfter(Duration wait) {
    try {
      Thread.sleep(wait.toMillis());
      if (!wait.isZero()) {
        log.accept("The step took longer than " + wait.toSeconds() + " s and is given up");
      }
      while (true) {
        cancel.run();
        Thread.sleep(CANCEL_AGAIN.toMillis());
      }
    } catch (InterruptedException stepEnded) {
      // Nothing is left to cancel.
    }
  }
}
