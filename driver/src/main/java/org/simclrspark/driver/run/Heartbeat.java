package org.simclrspark.driver.run;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.simclrspark.driver.storage.Storage;

/**
 * The last sign of life of the driver that has a run, for those who only look.
 *
 * @param host of the driver
 * @param pid its process
 * @param time of the sign
 * @param gone whether this machine can see that the process has ended
 */
public record Heartbeat(String host, long pid, Instant time, boolean gone) {

  /** A driver renews its claim six times in a lease; one that is late by half a lease is not. */
  private static final Duration LONGEST_SILENCE = RunLock.LEASE.multipliedBy(3).dividedBy(2);

  /** The sign of life of the driver that has a run; empty if none has it. */
  public static Optional<Heartbeat> of(Storage storage, Path run) {
    Heartbeat latest = null;
    for (FileStatus file : storage.list(new Path(run, RunDirectory.LOCK))) {
      Optional<LockOwner> owner = LockOwner.ofFile(file.getPath().getName());
      if (owner.isPresent()) {
        Instant time = time(storage, file);
        if (latest == null || time.isAfter(latest.time)) {
          LockOwner found = owner.get();
          latest = new Heartbeat(found.host(), found.pid(), time, found.isSeenDead());
        }
      }
    }
    return Optional.ofNullable(latest);
  }

  /** The later of what the driver's clock and that of the storage say: one of them may be wrong. */
  private static Instant time(Storage storage, FileStatus file) {
    Instant written = Instant.ofEpochMilli(file.getModificationTime());
    try {
      return storage
          .readIfPresent(file.getPath())
          .flatMap(Claims::parse)
          .map(claim -> Instant.parse(claim.renewed()))
          .filter(renewed -> renewed.isAfter(written))
          .orElse(written);
    } catch (DateTimeException e) {
      return written;
    }
  }

  /** Whether the driver is alive, as far as can be known. */
  public boolean isAlive(Instant now) {
    return !gone && Duration.between(time, now).compareTo(LONGEST_SILENCE) <= 0;
  }
}
