package org.simclrspark.deploy;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Waits for what happens elsewhere. */
final class Await {

  private static final long POLL_MILLISECONDS = 5;

  private Await() {}

  /** A condition that may look at files. */
  @FunctionalInterface
  interface Condition {
    boolean holds() throws IOException;
  }

  /** Waits until the condition holds, and fails with its name after so many seconds. */
  static void until(String what, long seconds, Condition condition)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (!condition.holds()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("Waited " + seconds + " s, but never: " + what);
      }
      Thread.sleep(POLL_MILLISECONDS);
    }
  }
}
