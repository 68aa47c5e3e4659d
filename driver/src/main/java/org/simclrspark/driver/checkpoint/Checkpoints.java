package org.simclrspark.driver.checkpoint;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.simclrspark.driver.checkpoint.CheckpointDirectory.DamageException;
import org.simclrspark.driver.checkpoint.CheckpointDirectory.Found;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.storage.Storage;
import org.simclrspark.driver.storage.StorageException;

/**
 * The checkpoints of a run: directories {@code step-NNNNNNNN} of raw little-endian float files and
 * whatever the caller adds, each complete once its {@code manifest.json} is there.
 *
 * <p>The manifest holds the size and SHA-256 of every other file and is written after they are
 * safe, so that a commit cut short anywhere leaves a directory without a whole manifest, which is
 * ignored. No rename is involved: the same holds on a local disk, HDFS and S3.
 *
 * <p>Used by one thread at a time, under the run's lock.
 */
public final class Checkpoints {

  private final Storage storage;
  private final Path root;
  private final Environment environment;
  private final Consumer<String> log;
  private final Set<Path> verified = new HashSet<>();
  private final Set<Environment> executors = new LinkedHashSet<>();
  private StartedFrom startedFrom;
  private boolean mixturesRefused;

  /**
   * @param storage where the directory is
   * @param root the directory of all checkpoints, made when needed
   * @param environment recorded in each checkpoint; resuming from another one warns
   * @param log takes a line about each checkpoint that is ignored or refused, with the reason
   */
  public Checkpoints(Storage storage, Path root, Environment environment, Consumer<String> log) {
    this.storage = storage;
    this.root = storage.qualify(root);
    this.environment = environment;
    this.log = log;
  }

  /**
   * Takes note of an executor that the run computes on; its environment is recorded in each
   * checkpoint from now on. One that differs from those before, in this run or before it was
   * resumed, gives a warning, once.
   */
  public void computedOn(Environment executor) {
    if (executors.add(executor)) {
      Environment first = executors.iterator().next();
      if (mixturesRefused && first.isOnOtherEngine(executor)) {
        throw new ConfigurationException(
            "Executors must compute encoders on devices of one kind for the same bits on every run,"
                + " found one that does otherwise than those before: "
                + String.join("; ", first.differences(executor))
                + ". Use machines with the same GPUs, start a new run with worker.engine=onednn, or"
                + " take other last bits with worker.mixed-processors=true.");
      }
      if (mixturesRefused && first.isOnOtherInstructions(executor)) {
        throw new ConfigurationException(
            "Executors must have processors of one kind for the same bits on every run, found one"
                + " with other vector instructions than those before: "
                + String.join("; ", first.differences(executor))
                + ". Use machines of one kind, start a new run with worker.isa=avx2, or take other"
                + " last bits with worker.mixed-processors=true.");
      }
      List<String> differences = first.differences(executor);
      if (!differences.isEmpty()) {
        log.accept(
            "Warning: an executor computes in another environment than those before, so the result"
                + " will differ by rounding from that of executors which are all alike: "
                + String.join("; ", differences)
                + ". For the same bits give all executors the same processor and Java");
      }
    }
  }

  /** Has {@link #computedOn} refuse executors on other vector instructions or devices. */
  public void refuseMixtures() {
    mixturesRefused = true;
  }

  /** Takes note of the encoder that the run started from, for the manifest of each checkpoint. */
  public void startedFrom(StartedFrom origin) {
    startedFrom = origin;
  }

  /** Directory of the checkpoint after so many steps, whether it exists or not. */
  public Path directory(long step) {
    return new Path(root, CheckpointDirectory.name(step));
  }

  /**
   * Saves a checkpoint. What a commit that was cut short left in its directory is removed first; a
   * good checkpoint of the same step is left as it is.
   *
   * @param files further files by name, for example {@code encoder.zip}; a writer is called again
   *     after a failure that may pass
   * @return the checkpoint's directory
   * @throws StorageException if it cannot be saved; earlier checkpoints are untouched
   */
  public Path save(TrainingState state, Map<String, Storage.Content> files) {
    Path directory = directory(state.step());
    if (isGood(directory)) {
      return directory;
    }
    remove(directory);
    try {
      new CheckpointDirectory(storage, directory)
          .write(state, files, environment, List.copyOf(executors), startedFrom);
    } catch (StorageException e) {
      removeQuietly(directory, e);
      throw new StorageException(
          "The checkpoint of step "
              + state.step()
              + " was not saved; earlier ones are untouched. "
              + e.getMessage(),
          e);
    }
    return directory;
  }

  /**
   * Loads the last good checkpoint. One whose commit was cut short is passed over; so is a damaged
   * one, with a warning that names the file.
   *
   * @return empty if no checkpoint was ever completed
   * @throws StorageException if every completed checkpoint is damaged
   */
  public Optional<TrainingState> latest() {
    List<String> damages = new ArrayList<>();
    for (Path directory : newestFirst()) {
      CheckpointDirectory checkpoint = new CheckpointDirectory(storage, directory);
      Found found = checkpoint.find();
      if (found.manifest().isPresent()) {
        try {
          TrainingState state = checkpoint.load(found.manifest().get());
          verified.add(directory);
          warnOfDifferences(directory, found.manifest().get());
          executors.addAll(found.manifest().get().executors());
          startedFrom = found.manifest().get().startedFrom();
          return Optional.of(state);
        } catch (DamageException e) {
          found = Found.damaged(e.getMessage());
        }
      }
      if (found.damaged()) {
        damages.add(directory + ": " + found.problem());
        warnOfDamage(directory, found.problem());
      } else {
        log.accept("Checkpoint " + directory + " is incomplete and not used: " + found.problem());
      }
    }
    if (!damages.isEmpty()) {
      throw new StorageException(
          "At least one checkpoint must be whole to resume, found only damaged ones:\n  "
              + String.join("\n  ", damages)
              + "\nRestore the files from a copy, or delete "
              + root
              + " to start the run from the beginning");
    }
    return Optional.empty();
  }

  /**
   * Deletes all but the newest checkpoints. Only those whose bytes were read back and agree with
   * their sums count as kept, so that the last good one always stays.
   *
   * @param keep good checkpoints to keep, 1 or more
   */
  public void prune(int keep) {
    if (keep < 1) {
      throw new IllegalArgumentException("keep must be at least 1, found " + keep);
    }
    int kept = 0;
    for (Path directory : newestFirst()) {
      if (kept == keep) {
        remove(directory);
      } else if (isGood(directory)) {
        kept++;
      }
    }
  }

  /** Whether a checkpoint is complete and every byte of it as it was written; read only once. */
  private boolean isGood(Path directory) {
    CheckpointDirectory checkpoint = new CheckpointDirectory(storage, directory);
    Found found = checkpoint.find();
    try {
      if (found.damaged()) {
        throw new DamageException(found.problem());
      }
      if (found.manifest().isPresent() && !verified.contains(directory)) {
        checkpoint.verify(found.manifest().get());
        verified.add(directory);
      }
      return found.manifest().isPresent();
    } catch (DamageException e) {
      warnOfDamage(directory, e.getMessage());
      return false;
    }
  }

  private void remove(Path directory) {
    verified.remove(directory);
    new CheckpointDirectory(storage, directory).remove();
  }

  private void removeQuietly(Path directory, StorageException cause) {
    try {
      remove(directory);
    } catch (StorageException e) {
      cause.addSuppressed(e);
    }
  }

  private List<Path> newestFirst() {
    List<Path> directories = new ArrayList<>();
    for (FileStatus status : storage.list(root)) {
      if (status.isDirectory() && step(status.getPath()).isPresent()) {
        directories.add(status.getPath());
      }
    }
    directories.sort(Comparator.comparingLong((Path path) -> step(path).getAsLong()).reversed());
    return directories;
  }

  private static OptionalLong step(Path directory) {
    return CheckpointDirectory.step(directory.getName());
  }

  private void warnOfDamage(Path directory, String problem) {
    log.accept("Warning: checkpoint " + directory + " is damaged and not used: " + problem);
  }

  private void warnOfDifferences(Path directory, Manifest manifest) {
    List<String> differences = manifest.environment().differences(environment);
    if (!differences.isEmpty()) {
      log.accept(
          "Warning: checkpoint "
              + directory.getName()
              + " was computed in another environment, so the result will differ by rounding from"
              + " that of an undisturbed run: "
              + String.join("; ", differences));
    }
  }
}
