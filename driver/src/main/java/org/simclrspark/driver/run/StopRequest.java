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
 * The wish that a command ends early: SIGTERM, SIGINT (Ctrl-C) and SIGHUP (a lost terminal) set it.
 * The training loop asks for it between steps, commits a checkpoint and ends with {@link
 * #exitStatus}.
 *
 * <p>The signals are taken before they start the shutdown of the JVM, so that Spark and the file
 * systems still work while the checkpoint is written. A step that outlasts its patience is
 * cancelled: the loop then commits the state after the step before. Work that leaves nothing to
 * save is cancelled at once, see {@link #unlessStopped}. A second signal ends the process at once.
 * A signal that the process was started to ignore, as by nohup, stays ignored. Where several runs
 * share the process each has a request of its own, see {@link #forRun}.
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

  private static final List<String> SIGNALS = List.of("TERM", "INT", "HUP");

  /** A launcher that passes a signal on makes two of one. */
  private static final Duration SAME_SIGNAL = Duration.ofSeconds(1);

  private static final Duration CANCEL_AGAIN = Duration.ofMillis(500);

  /** Work that does not end when its jobs are cancelled is left behind after so long. */
  private static final Duration GRACE = Duration.ofSeconds(20);

  private record Replaced(Signal signal, SignalHandler handler) {}

  private final Duration patience;
  private final Runnable cancel;
  private final Consumer<String> log;
  private final List<Replaced> replaced = new ArrayList<>();
  private final List<StopRequest> ofRuns = new ArrayList<>();
  private final StopRequest parent;
  private boolean nothingToSave;
  private int signalNumber;
  private long signalledAt;
  private Thread countdown;

  private StopRequest(
      StopRequest parent, Duration patience, Runnable cancel, Consumer<String> log) {
    this.parent = parent;
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
    StopRequest request = new StopRequest(null, patience, cancel, log);
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

  /**
   * The request of one of several runs in this process, until it is closed. It hears the same
   * signals; while there is any, this one leaves it to them to cancel what runs.
   *
   * @param cancelRun ends the running step of this run, from another thread
   * @param runLog takes a line when a signal arrives
   */
  public synchronized StopRequest forRun(Runnable cancelRun, Consumer<String> runLog) {
    StopRequest request = new StopRequest(this, patience, cancelRun, runLog);
    request.signalNumber = signalNumber;
    ofRuns.add(request);
    return request;
  }

  private synchronized void ended(StopRequest ofRun) {
    ofRuns.remove(ofRun);
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
   * Runs work that leaves nothing to save, such as an evaluation: a signal cancels it at once.
   *
   * @return empty if a signal came before it ended
   */
  public <T> Optional<T> unlessStopped(Supplier<T> work) {
    synchronized (this) {
      if (signalNumber != 0) {
        return Optional.empty();
      }
      nothingToSave = true;
    }
    try {
      return unlessCancelled(work).filter(result -> !isRequested());
    } finally {
      synchronized (this) {
        nothingToSave = false;
      }
    }
  }

  /**
   * As the other, for work without a result.
   *
   * @return whether it ended before a signal came
   */
  public boolean unlessStopped(Runnable work) {
    return unlessStopped(
            () -> {
              work.run();
              return true;
            })
        .isPresent();
  }

  /** 128 and the signal's number, as shells report it: SIGTERM 143, SIGINT 130, SIGHUP 129. */
  public synchronized int exitStatus() {
    return 128 + signalNumber;
  }

  @Override
  public void close() {
    if (parent != null) {
      parent.ended(this);
    }
    synchronized (this) {
      replaced.forEach(each -> Signal.handle(each.signal(), each.handler()));
      replaced.clear();
      if (countdown != null) {
        countdown.interrupt();
      }
    }
  }

  private synchronized void received(Signal signal) {
    if (signalNumber != 0) {
      if (System.nanoTime() - signalledAt > SAME_SIGNAL.toNanos()) {
        Runtime.getRuntime().halt(128 + signal.getNumber());
      }
      return;
    }
    signalledAt = System.nanoTime();
    request(signal);
  }

  private synchronized void request(Signal signal) {
    signalNumber = signal.getNumber();
    if (!ofRuns.isEmpty()) {
      ofRuns.forEach(run -> run.request(signal));
      return;
    }
    log.accept(
        "SIG"
            + signal.getName()
            + (nothingToSave
                ? " received: what runs is given up"
                : " received: the run ends with a checkpoint after this step. Send it again to end"
                    + " at once, without one"));
    countdown = new Thread(this::cancelLater, "stop-request");
    countdown.setDaemon(true);
    countdown.start();
  }

  /** Cancels again and again: between two jobs of a step there is nothing to cancel. */
  private void cancelLater() {
    try {
      if (!hasNothingToSave()) {
        Thread.sleep(patience.toMillis());
        log.accept("The step took longer than " + patience.toSeconds() + " s and is given up");
      }
      long from = System.nanoTime();
      while (true) {
        cancel.run();
        Thread.sleep(CANCEL_AGAIN.toMillis());
        if (hasNothingToSave() && System.nanoTime() - from > GRACE.toNanos()) {
          Runtime.getRuntime().halt(exitStatus());
        }
      }
    } catch (InterruptedException stepEnded) {
      // Nothing is left to cancel.
    }
  }

  private synchronized boolean hasNothingToSave() {
    return nothingToSave;
  }
}
