package org.simclrspark.driver.run;

import java.io.IOException;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.simclrspark.driver.storage.Storage;

/**
 * Keeps a second preparation out of a target directory and a second driver out of a sweep, as a
 * {@link RunLock} does from a run.
 */
public final class TargetLock implements AutoCloseable {

  private final RunLock lock;
  private final Path directory;
  private final Configuration hadoop;

  private TargetLock(RunLock lock, Path directory, Configuration hadoop) {
    this.lock = lock;
    this.directory = directory;
    this.hadoop = hadoop;
  }

  /**
   * Takes the lock of a dataset, waiting for a lease where the owner may or may not be alive.
   *
   * @param directory of the claims
   * @throws RunInUseException if another process that is alive has it
   */
  public static TargetLock acquire(Path directory, Configuration hadoop, Consumer<String> log) {
    return acquire(RunLock.Kind.TARGET, directory, hadoop, log);
  }

  /**
   * Takes the lock of a sweep, waiting for a lease where the owner may or may not be alive.
   *
   * @param directory of the claims
   * @throws RunInUseException if another process that is alive has it
   */
  public static TargetLock acquireSweep(
      Path directory, Configuration hadoop, Consumer<String> log) {
    return acquire(RunLock.Kind.SWEEP, directory, hadoop, log);
  }

  private static TargetLock acquire(
      RunLock.Kind kind, Path directory, Configuration hadoop, Consumer<String> log) {
    RunLock lock =
        RunLock.acquire(
            kind,
            Storage.of(directory, hadoop, log),
            directory,
            LockOwner.current(),
            RunLock.LEASE,
            log);
    return new TargetLock(lock, directory, hadoop);
  }

  /**
   * Renews the claim now.
   *
   * @throws RunInUseException if another process has taken the target over
   */
  public void ensureHeld() {
    lock.ensureHeld();
  }

  /** Gives the lock back, and leaves nothing of it unless somebody else waits. */
  @Override
  public void close() {
    lock.close();
    try {
      directory.getFileSystem(hadoop).delete(directory, false);
    } catch (IOException othersWait) {
      // Whoever comes last takes the directory away.
    }
  }
}
