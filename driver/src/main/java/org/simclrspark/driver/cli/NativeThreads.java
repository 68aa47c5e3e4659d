package org.simclrspark.driver.cli;

/**
 * A command that computes with native libraries in its own process. They read {@code
 * OMP_NUM_THREADS} when they are loaded, so the launcher asks for it before it starts the process.
 */
public interface NativeThreads {

  /** Threads of the native libraries. */
  int nativeThreads();
}
