package org.simclrspark.driver.step;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.simclrspark.data.DataException;

/** Runs the same work on several threads. */
final class Parallel {

  private Parallel() {}

  /**
   * Returns when all threads have done the work, or one of them has failed; then the others are
   * interrupted.
   *
   * @throws RuntimeException as the work threw it
   */
  static void run(int threads, Runnable work) {
    if (threads == 1) {
      work.run();
      return;
    }
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      ExecutorCompletionService<Void> running = new ExecutorCompletionService<>(pool);
      for (int i = 0; i < threads; i++) {
        running.submit(work, null);
      }
      for (int i = 0; i < threads; i++) {
        running.take().get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DataException("Making views was interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      pool.shutdownNow();
    }
  }
}
