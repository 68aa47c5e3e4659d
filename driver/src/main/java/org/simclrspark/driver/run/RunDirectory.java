package org.simclrspark.driver.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.simclrspark.driver.checkpoint.Checkpoints;
import org.simclrspark.driver.checkpoint.Environment;
import org.simclrspark.driver.checkpoint.StartedFrom;
import org.simclrspark.driver.checkpoint.TrainingState;
import org.simclrspark.driver.config.ConfigFiles;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.storage.Storage;

/**
 * The directory of a run on a local disk, HDFS or S3, while this driver owns it: {@code
 * config.conf}, {@code metrics.jsonl}, {@code checkpoints/}, {@code summary.json} at the end, and
 * {@code lock/}.
 *
 * <pre>{@code
 * try (RunDirectory run = RunDirectory.open(path, config, hadoop, environment, log)) {
 *   TrainingState state = run.resume().orElseGet(this::initialState);
 *   while (...) {
 *     state = ...;
 *     run.commit(state, Map.of("encoder.zip", encoder::write));
 *   }
 * }
 * }</pre>
 */
public final class RunDirectory implements AutoCloseable {

  private static final String CHECKPOINTS = "checkpoints";
  static final String LOCK = "lock";

  private final Path path;
  private final SimclrConfig config;
  private final Storage storage;
  private final Checkpoints checkpoints;
  private final RunLock lock;
  private final Consumer<String> log;
  private boolean discarded;

  private RunDirectory(
      Path path,
      SimclrConfig config,
      Storage storage,
      Checkpoints checkpoints,
      RunLock lock,
      Consumer<String> log) {
    this.path = path;
    this.config = config;
    this.storage = storage;
    this.checkpoints = checkpoints;
    this.lock = lock;
    this.log = log;
  }

  /**
   * Takes a run directory for this driver, and makes it if there is none.
   *
   * @param path on any Hadoop file system
   * @param config of this run
   * @param hadoop how to reach the file system
   * @param environment recorded in each checkpoint
   * @param log takes a line about everything a user should know: waiting, taking over, damage
   * @throws RunInUseException if another driver has it
   */
  public static RunDirectory open(
      Path path,
      SimclrConfig config,
      Configuration hadoop,
      Environment environment,
      Consumer<String> log) {
    Storage storage = Storage.of(path, hadoop, log);
    Path qualified = storage.qualify(path);
    Checkpoints checkpoints =
        new Checkpoints(storage, new Path(qualified, CHECKPOINTS), environment, log);
    if (!config.worker().mixedProcessors()) {
      checkpoints.refuseMixtures();
    }
    RunLock lock =
        RunLock.acquire(
            RunLock.Kind.RUN,
            storage,
            new Path(qualified, LOCK),
            LockOwner.current(),
            RunLock.LEASE,
            log);
    return new RunDirectory(qualified, config, storage, checkpoints, lock, log);
  }

  /** Where the checkpoints of a run lie. */
  public static Path checkpoints(Path run) {
    return new Path(run, CHECKPOINTS);
  }

  /** The checkpoints of a run that this driver only reads, without its lock. */
  public static Checkpoints checkpointsOf(
      Path path, Configuration hadoop, Environment environment, Consumer<String> log) {
    return new Checkpoints(
        Storage.of(path, hadoop, log), new Path(path, CHECKPOINTS), environment, log);
  }

  /** The directory, with scheme and authority. */
  public Path path() {
    return path;
  }

  /**
   * Finds where the run stopped, and writes the configuration and the identity of the data into the
   * directory.
   *
   * @param data what is at the paths of the configuration
   * @return the last good checkpoint; empty if the run starts from the beginning
   * @throws ConfigurationException if the run was started with a configuration that leads to
   *     another result, or with other images
   */
  public Optional<TrainingState> resume(RunData data) {
    Optional<TrainingState> state = checkpoints.latest();
    if (state.isPresent()) {
      requireSame(config, state.get().configuration(), configFile());
      requireSameData(data);
      log.accept("Resuming " + path + " after step " + state.get().step());
    } else if (storage.readIfPresent(configFile()).isPresent()) {
      log.accept("Starting " + path + " from the beginning: it has no complete checkpoint");
    }
    data.write(storage, path);
    storage.write(configFile(), out -> out.write(config.render().getBytes(UTF_8)));
    return state;
  }

  /** Takes note of the encoder that the run starts from. */
  public void startedFrom(StartedFrom origin) {
    checkpoints.startedFrom(origin);
  }

  /** Whether the run was started before: its configuration is there. */
  public boolean isStarted() {
    return storage.readIfPresent(configFile()).isPresent();
  }

  /** Whether another directory is meant. */
  public boolean isElsewhere(Path directory) {
    return !storage.qualify(directory).equals(path);
  }

  /** Whether the run was started on images that are not those of the data. */
  public boolean isOfOtherImages(RunData data) {
    return RunData.read(storage, path)
        .map(before -> !data.problems(before, path).isEmpty())
        .orElse(false);
  }

  /** Deletes the directory of a run that was not started, but for this driver's lock in it. */
  public void discard() {
    for (FileStatus file : storage.list(path)) {
      if (!file.getPath().getName().equals(LOCK)) {
        storage.delete(file.getPath());
      }
    }
    discarded = true;
  }

  /**
   * Takes note of what the run's tasks compute on, see {@link Checkpoints#computedOn}.
   *
   * @param executors their environments, each once
   */
  public void computedOn(Set<Environment> executors) {
    executors.forEach(checkpoints::computedOn);
  }

  /**
   * Saves a checkpoint and prunes old ones to {@code checkpoint.keep}.
   *
   * @param files further files by name, see {@link Checkpoints#save}
   * @throws RunInUseException if another driver has taken the run over
   */
  public void commit(TrainingState state, Map<String, Storage.Content> files) {
    lock.ensureHeld();
    checkpoints.save(state, files);
    checkpoints.prune(config.checkpoint().keep());
  }

  /**
   * Waits where the lock could not be renewed for so long that another driver may soon take the run
   * over: nothing may be written until it is sure that none has.
   *
   * @throws RunInUseException if another driver has taken the run over, or may have
   */
  public void ensureHeld() {
    lock.awaitRenewed();
  }

  /** Gives the directory back. */
  @Override
  public void close() {
    lock.close();
    if (discarded && storage.list(new Path(path, LOCK)).isEmpty()) {
      storage.delete(path);
    }
  }

  private static void requireSame(SimclrConfig config, String saved, Path file) {
    SimclrConfig before =
        SimclrConfig.load(ConfigFiles.parse(saved.getBytes(UTF_8), file.toString()), List.of());
    List<String> differences = config.differences(before);
    if (!differences.isEmpty()) {
      throw new ConfigurationException(
          differences.stream()
              .map(
                  line ->
                      line
                          + " as in "
                          + file
                          + ": a run must go on with what it was started with. Take the value"
                          + " back, or choose another --run.")
              .toList());
    }
  }

  private void requireSameData(RunData data) {
    Optional<RunData> before = RunData.read(storage, path);
    if (before.isEmpty()) {
      log.accept(
          path
              + " does not say which images it was started with, for an older version began it;"
              + " going on with those in "
              + data.train().path());
      return;
    }
    List<String> problems = data.problems(before.get(), path);
    if (!problems.isEmpty()) {
      throw new ConfigurationException(problems);
    }
    if (!data.train().path().equals(before.get().train().path())) {
      log.accept(
          "The training images are the same, moved from "
              + before.get().train().path()
              + " to "
              + data.train().path());
    }
  }

  private Path configFile() {
    return new Path(path, SimclrConfig.FILE_NAME);
  }
}
