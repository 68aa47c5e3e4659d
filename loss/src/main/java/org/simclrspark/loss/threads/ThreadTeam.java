package org.simclrspark.loss.threads;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/** Runs numbered items on the calling thread and on daemon threads common to the JVM. */
public final class ThreadTeam {
  private static final ExecutorService HELPERS =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "nt-xent");
            thread.setDaemon(true);
            return thread;
          });

  private ThreadTeam() {}

  /**
   * Runs the items 0 to {@code items - 1}, each once, and returns when all are done. An item is
   * started only after every item before it has been started.
   *
   * @param threads at most this many threads work, the calling one included
   * @param worker makes what runs the items of one thread, with that thread's scratch memory
   */
  public static void forEach(int threads, int items, Supplier<IntConsumer> worker) {
    AtomicInteger next = new AtomicInteger();
    Runnable share =
        () -> {
          IntConsumer run = worker.get();
          for (int item = next.getAndIncrement(); item < items; item = next.getAndIncrement()) {
            try {
              run.accept(item);
            } catch (Throwable e) {
              next.set(items);
              throw e;
            }
          }
        };
    List<Future<?>> helpers = new ArrayList<>();
    for (int helper = 1; helper < Math.min(threads, items); helper++) {
      helpers.add(HELPERS.submit(share));
    }
    Throwable failure = null;
    try {
      share.run();
    } catch (RuntimeException | Error e) {
      failure = e;
    }
    failure = join(helpers, failure);
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure != null) {
      throw (RuntimeException) failure;
    }
  }

  /** Waits for all helpers, also when interrupted, since they use the caller's arrays. */
  private static Throwable join(List<Future<?>> helpers, Throwable earlier) {
    Throwable failure = earlier;
    boolean interrupted = false;
    for (Future<?> helper : helpers) {
      boolean waiting = true;
      while (waiting) {
        try {
          helper.get();
          waiting = false;
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          failure = firstCause(failure, e.getCause());
          waiting = false;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return failure;
  }

  private static Throwable firstCause(Throwable earlier, Throwable other) {
    return earlier == null || earlier instanceof CancellationException ? other : earlier;
  }
}
