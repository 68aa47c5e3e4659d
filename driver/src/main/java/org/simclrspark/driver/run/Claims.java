package org.simclrspark.driver.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.simclrspark.driver.storage.Storage;

/** The claims on a lock, a file each, and which of their owners give signs of life. */
final class Claims {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  /**
   * What a claim's file says.
   *
   * @param held whether it won
   * @param generation one more than that of the claims it replaced
   * @param renewals so far
   * @param renewed when, by the owner's clock, for people
   */
  record Claim(boolean held, long generation, long renewals, String renewed) {

    Claim renewed(boolean nowHeld) {
      return new Claim(nowHeld, generation, renewals + 1, Instant.now().toString());
    }

    Claim above(long other) {
      return new Claim(held, Math.max(generation, other + 1), renewals, renewed);
    }
  }

  /** A claim's file as it was seen; {@code claim} is empty while its owner is writing. */
  record Seen(Path file, LockOwner owner, Optional<Claim> claim) {

    boolean winsOver(LockOwner other) {
      return claim.isPresent() && (claim.get().held() || owner.id().compareTo(other.id()) < 0);
    }
  }

  /** Bytes of a claim and when they were first seen. */
  private record Watched(byte[] bytes, long since, boolean changed) {

    Duration age() {
      return Duration.ofNanos(System.nanoTime() - since);
    }
  }

  private final Storage storage;
  private final Path directory;
  private final LockOwner owner;
  private final Path own;
  private final Duration lease;
  private final Map<Path, Watched> watched = new HashMap<>();

  /**
   * Reads nothing yet.
   *
   * @param owner of the claim that is not another's
   * @param lease how long a claim stands without renewal
   */
  Claims(Storage storage, Path directory, LockOwner owner, Duration lease) {
    this.storage = storage;
    this.directory = directory;
    this.owner = owner;
    this.own = new Path(directory, owner.fileName());
    this.lease = lease;
  }

  /** The file of the owner's claim. */
  Path own() {
    return own;
  }

  /** Writes the owner's claim. */
  void write(Claim claim) {
    try {
      byte[] bytes = MAPPER.writeValueAsBytes(claim);
      storage.write(own, out -> out.write(bytes));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A claim is always JSON", e);
    }
  }

  /** The claims of others, as they are now. */
  List<Seen> others() {
    List<Seen> others = new ArrayList<>();
    for (FileStatus status : storage.list(directory)) {
      Path path = status.getPath();
      Optional<LockOwner> other = LockOwner.ofFile(path.getName());
      if (other.isPresent() && !other.get().equals(owner)) {
        Optional<byte[]> bytes = storage.readIfPresent(path);
        if (bytes.isPresent()) {
          watch(path, bytes.get());
          others.add(new Seen(path, other.get(), parse(bytes.get())));
        }
      }
    }
    return others;
  }

  private void watch(Path path, byte[] bytes) {
    long now = System.nanoTime();
    watched.merge(
        path,
        new Watched(bytes, now, false),
        (before, first) ->
            Arrays.equals(before.bytes(), bytes) ? before : new Watched(bytes, now, true));
  }

  /** Whether the owner is known to be gone, or has not renewed its claim for a lease. */
  boolean isDead(Seen seen) {
    return seen.owner().isSeenDead()
        || (!seen.owner().isSeenAlive() && watched.get(seen.file()).age().compareTo(lease) >= 0);
  }

  /** Whether the owner runs on this machine, or has renewed its claim within a lease. */
  boolean isAlive(Seen seen) {
    Watched file = watched.get(seen.file());
    return seen.owner().isSeenAlive() || (file.changed() && file.age().compareTo(lease) < 0);
  }

  /** What a claim's bytes say; empty while its owner is writing. */
  static Optional<Claim> parse(byte[] bytes) {
    try {
      return Optional.of(MAPPER.readValue(bytes, Claim.class));
    } catch (IOException halfWritten) {
      return Optional.empty();
    }
  }
}
