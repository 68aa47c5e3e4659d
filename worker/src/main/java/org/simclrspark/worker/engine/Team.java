package org.simclrspark.worker.engine;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.simclrspark.worker.machine.DeviceException;

/**
 * The threads of an engine: each runs the same program on its own slice of a micro-batch, and they
 * meet where a value over the whole micro-batch is needed. Threads are fixed, so results depend on
 * their number alone.
 */
public final class Team implements AutoCloseable {

  /** What every member runs. */
  public interface Program {
    void run(int member);
  }

  private static final int SPINS = 20_000;

  private final int size;
  private final Thread[] threads;
  private final SynchronousQueue<Runnable>[] work;
  private final AtomicInteger arrived = new AtomicInteger();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private volatile int generation;
  private volatile boolean failed;

  @SuppressWarnings({"unchecked", "rawtypes"})
  /**
   * Starts the threads.
   *
   * @param prepareThread runs once on each
   */
  public Team(int size, Runnable prepareThread) {
    this.size = size;
    threads = new Thread[size];
    work = new SynchronousQueue[size];
    for (int member = 0; member < size; member++) {
      SynchronousQueue<Runnable> queue = new SynchronousQueue<>();
      work[member] = queue;
      threads[member] = new Thread(() -> serve(queue), "engine-" + member);
      threads[member].setDaemon(true);
      threads[member].start();
    }
    run(member -> prepareThread.run());
  }

  /** Number of threads. */
  public int size() {
    return size;
  }

  /** Whether a program has ever failed. */
  public boolean hasFailed() {
    return failed;
  }

  /** Runs the program on every member and waits for all. */
  public void run(Program program) {
    failure.set(null);
    arrived.set(0);
    CountDownLatch done = new CountDownLatch(size);
    for (int i = 0; i < size; i++) {
      int member = i;
      put(
          member,
          () -> {
            try {
              program.run(member);
            } catch (Throwable e) {
              failure.compareAndSet(null, e);
            } finally {
              done.countDown();
            }
          });
    }
    boolean interrupted = false;
    while (true) {
      try {
        done.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    Throwable thrown = failure.get();
    failed |= thrown != null;
    if (thrown instanceof DeviceException device) {
      throw device;
    }
    if (thrown != null) {
      throw new IllegalStateException("Engine failed: " + thrown.getMessage(), thrown);
    }
  }

  /** Waits until every member is here. */
  public void meet() {
    if (size == 1) {
      return;
    }
    int current = generation;
    if (arrived.incrementAndGet() == size) {
      arrived.set(0);
      generation = current + 1;
      for (Thread thread : threads) {
        LockSupport.unpark(thread);
      }
      return;
    }
    int spins = 0;
    while (generation == current) {
      if (failure.get() != null) {
        throw new IllegalStateException("another thread of the engine failed");
      }
      if (spins++ < SPINS) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(this, 1_000_000);
      }
    }
  }

  private void put(int member, Runnable task) {
    boolean interrupted = false;
    while (true) {
      try {
        work[member].put(task);
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void serve(SynchronousQueue<Runnable> queue) {
    try {
      while (true) {
        queue.take().run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    for (Thread thread : threads) {
      thread.interrupt();
    }
  }
}
