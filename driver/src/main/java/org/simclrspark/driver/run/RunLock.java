package org.simclrspark.driver.run;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.apache.hadoop.fs.Path;
import org.simclrspark.driver.run.Claims.Claim;
import org.simclrspark.driver.run.Claims.Seen;
import org.simclrspark.driver.storage.Storage;
import org.simclrspark.driver.storage.StorageException;

/**
 * Keeps a second driver out of a run directory, on file systems with and without an atomic create.
 *
 * <p>Every driver writes a claim of its own, a file in {@code lock/}, and lists the others'
 * afterwards. Of two that come together at least one sees the other, so that both can never find
 * themselves alone (Lamport's bakery, with one file a register). A claim that is held wins; among
 * those that are not, the one of smaller id. All this needs of a file system is that a file written
 * is listed from then on, which local disks, HDFS and S3 grant.
 *
 * <p>That holds on NFS too: no create or append has to be atomic, a driver lists the directory
 * after it has written into it, which makes its client ask the server, and no clock is compared
 * with another machine's. Should two find themselves alone nevertheless, the one of larger id stops
 * at its next renewal.
 *
 * <p>A daemon thread renews the claim. A dead owner's claim is removed by the next driver: at once
 * if the process ran on the same machine and is gone, otherwise when a lease has passed without a
 * renewal, by the waiting driver's clock. An owner whose renewals fail, or whose thread hangs in
 * the file system, stands still before that, see {@link #awaitRenewed}; one that was stopped for
 * longer finds its claim taken, and says so before its next commit.
 */
final class RunLock implements AutoCloseable {

  /** How long a claim stands without renewal. */
  static final Duration LEASE = Duration.ofSeconds(60);

  private static final int RENEWALS_IN_A_LEASE = 6;
  private static final int LOOKS_IN_A_LEASE = 60;

  /** An owner without a renewal goes on for so many leases at most, waiting. */
  private static final int PATIENCE_IN_LEASES = 4;

  /** What is locked, in words. */
  enum Kind {
    RUN(
        "run",
        "training",
        "A run directory must have one driver at a time",
        "choose another --run"),
    TARGET(
        "dataset",
        "preparing",
        "A dataset must be prepared by one process at a time",
        "choose another --to"),
    SWEEP("sweep", "sweeping", "A sweep must have one driver at a time", "choose another --run");

    private final String noun;
    private final String work;
    private final String rule;
    private final String remedy;

    Kind(String noun, String work, String rule, String remedy) {
      this.noun = noun;
      this.work = work;
      this.rule = rule;
      this.remedy = remedy;
    }
  }

  private final Kind kind;
  private final Storage storage;
  private final Path directory;
  private final LockOwner owner;
  private final Duration lease;
  private final Consumer<String> log;
  private final Claims claims;
  private final ScheduledExecutorService renewing =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "run-lock");
            thread.setDaemon(true);
            return thread;
          });
  private final ReentrantLock renewal = new ReentrantLock();
  private Claim mine;
  private volatile long renewedAt;
  private volatile String lost;

  private RunLock(
      Kind kind,
      Storage storage,
      Path directory,
      LockOwner owner,
      Duration lease,
      Consumer<String> log) {
    this.kind = kind;
    this.storage = storage.givingUpAfter(lease.dividedBy(4));
    this.directory = storage.qualify(directory);
    this.owner = owner;
    this.lease = lease;
    this.log = log;
    this.claims = new Claims(this.storage, this.directory, owner, lease);
    this.mine = new Claim(false, 1, 0, Instant.now().toString());
  }

  /**
   * Takes the lock, waiting for a lease where the owner may or may not be alive.
   *
   * @param directory of the claims, {@code lock} in the run directory
   * @throws RunInUseException if another driver that is alive has it
   */
  static RunLock acquire(
      Kind kind,
      Storage storage,
      Path directory,
      LockOwner owner,
      Duration lease,
      Consumer<String> log) {
    RunLock lock = new RunLock(kind, storage, directory, owner, lease, log);
    try {
      lock.compete();
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
    long period = lease.toMillis() / RENEWALS_IN_A_LEASE;
    lock.renewing.scheduleWithFixedDelay(lock::renewQuietly, period, period, TimeUnit.MILLISECONDS);
    return lock;
  }

  /**
   * Returns at once while renewals succeed. Otherwise waits until one does, or until it is known
   * who owns the run: to be called wherever something is about to be written.
   *
   * @throws RunInUseException if another driver has taken the run over, or may have
   */
  void awaitRenewed() {
    boolean told = false;
    while (lost != null || sinceRenewal().compareTo(lease.multipliedBy(3).dividedBy(4)) >= 0) {
      if (!told && lost == null) {
        log.accept(
            "Warning: the lock of the "
                + kind.noun
                + " was not renewed for "
                + sinceRenewal().toSeconds()
                + " s; "
                + kind.work
                + " waits until it is, because another driver might take the "
                + kind.noun
                + " over");
        told = true;
      }
      try {
        if (renewWithin(lease.dividedBy(4))) {
          log.accept("The lock is renewed; " + kind.work + " goes on");
          return;
        }
      } catch (StorageException e) {
        log.accept(
            "Warning: the lock of the " + kind.noun + " could not be renewed: " + e.getMessage());
      }
      if (sinceRenewal().compareTo(lease.multipliedBy(PATIENCE_IN_LEASES)) >= 0) {
        throw notRenewed("The file system does not answer");
      }
      pause();
    }
  }

  /**
   * Renews the claim now.
   *
   * @throws RunInUseException if another driver has taken the run over
   */
  void ensureHeld() {
    try {
      if (renewWithin(lease)) {
        return;
      }
    } catch (StorageException e) {
      if (sinceRenewal().compareTo(lease) < 0) {
        return;
      }
      throw notRenewed(e.getMessage());
    }
    throw notRenewed("The file system does not answer");
  }

  private RunInUseException notRenewed(String reason) {
    return new RunInUseException(
        "The lock of "
            + directory.getParent()
            + " could not be renewed for "
            + sinceRenewal().toSeconds()
            + " s, so another driver may have taken the "
            + kind.noun
            + " over. Start the same command again. "
            + reason);
  }

  /** Gives the lock back. */
  @Override
  public void close() {
    renewing.shutdownNow();
    if (!lockWithin(lease)) {
      log.accept("The lock file stays and runs out by itself: the file system does not answer");
      return;
    }
    try {
      if (lost == null) {
        lost = "This driver has given the run back";
        storage.delete(claims.own());
      }
    } catch (StorageException e) {
      log.accept("The lock file stays and runs out by itself: " + e.getMessage());
    } finally {
      renewal.unlock();
    }
  }

  private void compete() {
    write(mine);
    boolean told = false;
    for (List<Seen> rivals = rivals(); !rivals.isEmpty(); rivals = rivals()) {
      for (Seen rival : rivals) {
        if (claims.isAlive(rival) && rival.winsOver(owner)) {
          throw inUse(rival.owner());
        }
      }
      if (!told) {
        log.accept(
            "The "
                + kind.noun
                + " has an owner that may be dead ("
                + name(rivals.get(0).owner())
                + "); waiting up to "
                + lease.toSeconds()
                + " s for a sign of life");
        told = true;
      }
      pause();
      if (sinceRenewal().toMillis() > lease.toMillis() / RENEWALS_IN_A_LEASE) {
        write(mine.renewed(false));
      }
    }
    write(mine.renewed(true));
  }

  /** The other claims, without those of dead owners, which are removed. */
  private List<Seen> rivals() {
    List<Seen> rivals = new ArrayList<>();
    for (Seen seen : claims.others()) {
      if (claims.isDead(seen)) {
        log.accept(
            "Taking the "
                + kind.noun
                + " over from a driver that is gone ("
                + name(seen.owner())
                + ")");
        storage.delete(seen.file());
        mine = mine.above(seen.claim().map(Claim::generation).orElse(0L));
      } else {
        rivals.add(seen);
      }
    }
    return rivals;
  }

  /** A schedule ends in silence with the first thing that is thrown: nothing may be. */
  private void renewQuietly() {
    try {
      renewWithin(lease);
    } catch (RunInUseException e) {
      log.accept("Warning: " + e.getMessage());
      renewing.shutdown();
    } catch (RuntimeException | Error e) {
      log.accept(
          "Warning: the lock of the "
              + kind.noun
              + " could not be renewed, and will be tried again: "
              + (e instanceof StorageException ? e.getMessage() : e));
    }
  }

  /**
   * Renews the claim.
   *
   * @return whether it was, false if the thread that does so already has not come back by then
   */
  private boolean renewWithin(Duration wait) {
    if (!lockWithin(wait)) {
      return false;
    }
    try {
      renew();
      return true;
    } finally {
      renewal.unlock();
    }
  }

  private boolean lockWithin(Duration wait) {
    try {
      return renewal.tryLock(wait.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void renew() {
    if (lost == null) {
      if (storage.readIfPresent(claims.own()).isEmpty()) {
        lost =
            "Another driver has taken the "
                + kind.noun
                + " over, because this one gave no sign of life";
      }
      for (Seen other : claims.others()) {
        if (other.claim().filter(this::isAbove).isPresent()
            || other.claim().filter(claim -> isBeside(claim, other.owner())).isPresent()) {
          lost = "Another driver has taken the " + kind.noun + " over: " + name(other.owner());
        }
      }
    }
    if (lost != null) {
      throw new RunInUseException(
          lost + ". This one stops; the directory is " + directory.getParent());
    }
    write(mine.renewed(true));
  }

  private boolean isAbove(Claim other) {
    return other.held() && other.generation() > mine.generation();
  }

  /** Whether two drivers hold the run, neither having seen the other, and this one is to yield. */
  private boolean isBeside(Claim other, LockOwner of) {
    return other.held()
        && other.generation() == mine.generation()
        && of.id().compareTo(owner.id()) < 0;
  }

  private void write(Claim claim) {
    long before = System.nanoTime();
    claims.write(claim);
    mine = claim;
    renewedAt = before;
  }

  private Duration sinceRenewal() {
    return Duration.ofNanos(System.nanoTime() - renewedAt);
  }

  private void pause() {
    try {
      Thread.sleep(Math.max(1, lease.toMillis() / LOOKS_IN_A_LEASE));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StorageException("Interrupted while waiting for the lock of the " + kind.noun, e);
    }
  }

  private RunInUseException inUse(LockOwner rival) {
    return new RunInUseException(
        kind.rule
            + ", found "
            + directory.getParent()
            + " in use by "
            + name(rival)
            + ". Wait for it to end, stop it, or "
            + kind.remedy);
  }

  private static String name(LockOwner owner) {
    return "process " + owner.pid() + " on " + owner.host();
  }
}
