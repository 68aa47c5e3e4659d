package org.simclrspark.driver.overview;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.simclrspark.driver.checkpoint.SavedCheckpoint;
import org.simclrspark.driver.config.ConfigFiles;
import org.simclrspark.driver.config.Setting;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.report.Metrics;
import org.simclrspark.driver.report.Summary;
import org.simclrspark.driver.run.Heartbeat;
import org.simclrspark.driver.run.RunDirectory;
import org.simclrspark.driver.storage.Storage;

/**
 * How a run stands, read from its directory without its lock.
 *
 * @param path of the run directory
 * @param state how it stands
 * @param reason why it failed, was stopped or is stale, or null
 * @param heartbeat last sign of life of the driver that has it, if one has
 * @param steps at which training ends, or null where that is not known
 * @param last line of the metrics; empty before the first step
 * @param summary empty before the end
 * @param knnAccuracy as it was found last, or null
 * @param checkpoint the newest complete one
 * @param settings of the configuration
 */
public record RunOverview(
    Path path,
    State state,
    String reason,
    Optional<Heartbeat> heartbeat,
    Long steps,
    Map<String, Object> last,
    Map<String, Object> summary,
    Double knnAccuracy,
    Optional<SavedCheckpoint> checkpoint,
    List<Setting> settings) {

  /** A driver that has said how it ended keeps its lock for so long at most. */
  private static final Duration CLOSING = Duration.ofSeconds(30);

  /** How a run stands. */
  public enum State {
    /** A driver has it and gives signs of life. */
    RUNNING,
    /** Trained to its end. */
    FINISHED,
    /** Asked to stop; the same command goes on. */
    STOPPED,
    /** Ended by an error; the reason tells which. */
    FAILED,
    /** Its driver has gone without a word, or gives no sign of life. */
    STALE
  }

  /**
   * Looks at a run.
   *
   * @throws org.simclrspark.driver.storage.StorageException if its files cannot be read
   * @throws org.simclrspark.driver.config.ConfigurationException if its configuration is of a
   *     version with other keys
   */
  public static RunOverview of(Path run, Configuration hadoop) {
    Storage storage = Storage.of(run, hadoop, line -> {});
    Path path = storage.qualify(run);
    Optional<Heartbeat> heartbeat = Heartbeat.of(storage, path);
    Optional<RunStatus> status = RunStatus.read(storage, path);
    Map<String, Object> summary = Summary.read(path, hadoop).map(Summary::values).orElse(Map.of());
    Map<String, Object> last = Metrics.last(path, hadoop);
    State state = state(heartbeat, status, summary);
    return new RunOverview(
        path,
        state,
        reason(state, heartbeat, status),
        heartbeat,
        steps(state, status, summary),
        last,
        summary,
        knnAccuracy(last, status, summary),
        SavedCheckpoint.newest(storage, RunDirectory.checkpoints(path)),
        settings(storage, path));
  }

  private static State state(
      Optional<Heartbeat> heartbeat, Optional<RunStatus> status, Map<String, Object> summary) {
    boolean hasEnded =
        status.isPresent()
            && status.get().hasEnded()
            && heartbeat
                .filter(beat -> beat.time().isAfter(status.get().since().plus(CLOSING)))
                .isEmpty();
    if (heartbeat.isPresent() && !hasEnded) {
      return heartbeat.get().isAlive(Instant.now()) ? State.RUNNING : State.STALE;
    }
    if (status.isEmpty()) {
      return summary.get(Summary.DATA_FINGERPRINT) == null ? State.STOPPED : State.FINISHED;
    }
    return switch (status.get().phase()) {
      case FINISHED -> State.FINISHED;
      case STOPPED -> State.STOPPED;
      case FAILED -> State.FAILED;
      // It gave its lock back without having said how it ended.
      case TRAINING, EVALUATING -> State.STALE;
    };
  }

  private static String reason(
      State state, Optional<Heartbeat> heartbeat, Optional<RunStatus> status) {
    if (state == State.STALE && heartbeat.isPresent()) {
      Heartbeat last = heartbeat.get();
      return String.format(
          Locale.ROOT,
          "process %d on %s %s; the same command goes on",
          last.pid(),
          last.host(),
          last.gone()
              ? "is gone without a word"
              : "has given no sign of life for " + Ages.of(last.time()));
    }
    return state == State.RUNNING ? null : status.map(RunStatus::reason).orElse(null);
  }

  private static Long steps(State state, Optional<RunStatus> status, Map<String, Object> summary) {
    Optional<Long> planned = status.map(RunStatus::lastStep).filter(steps -> steps > 0);
    boolean done = state == State.FINISHED && summary.get(Summary.STEPS) instanceof Number;
    return planned.orElse(done ? ((Number) summary.get(Summary.STEPS)).longValue() : null);
  }

  private static Double knnAccuracy(
      Map<String, Object> last, Optional<RunStatus> status, Map<String, Object> summary) {
    Object ofSummary = summary.get(Summary.KNN_ACCURACY);
    Object step = last.get("step");
    boolean current =
        step == null
            || (summary.get(Summary.STEPS) instanceof Number steps
                && steps.longValue() == ((Number) step).longValue());
    if (ofSummary instanceof Number accuracy && current) {
      return accuracy.doubleValue();
    }
    return status
        .map(RunStatus::knnAccuracy)
        .orElse(ofSummary instanceof Number accuracy ? accuracy.doubleValue() : null);
  }

  private static List<Setting> settings(Storage storage, Path run) {
    Path file = new Path(run, SimclrConfig.FILE_NAME);
    return storage
        .readIfPresent(file)
        .map(bytes -> SimclrConfig.load(ConfigFiles.parse(bytes, file.toString()), List.of()))
        .map(SimclrConfig::settings)
        .orElse(List.of());
  }

  /** A number of the last step's line, or null. */
  public Double last(String name) {
    return last.get(name) instanceof Number number ? number.doubleValue() : null;
  }

  /** Steps done. */
  public long step() {
    return last.get("step") instanceof Number number
        ? number.longValue()
        : checkpoint.map(SavedCheckpoint::step).orElse(0L);
  }

  /** As one JSON object; ages in seconds. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("run", path.toString());
    json.put("state", state.name().toLowerCase(Locale.ROOT));
    json.put("reason", reason);
    json.put("heartbeat", heartbeat.map(beat -> beat.time().toString()).orElse(null));
    json.put("step", step());
    json.put("steps", steps);
    json.put("images_per_second", last("images_per_second"));
    json.put("loss", last("loss"));
    json.put(Summary.KNN_ACCURACY, knnAccuracy);
    json.put(Summary.LINEAR_ACCURACY, summary.get(Summary.LINEAR_ACCURACY));
    json.put("checkpoint_step", checkpoint.map(SavedCheckpoint::step).orElse(null));
    json.put(
        "checkpoint_age_seconds",
        checkpoint
            .map(saved -> Duration.between(saved.time(), Instant.now()).toSeconds())
            .orElse(null));
    return json;
  }
}
