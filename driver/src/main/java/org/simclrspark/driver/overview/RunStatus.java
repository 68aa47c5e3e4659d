package org.simclrspark.driver.overview;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.simclrspark.driver.report.Json;
import org.simclrspark.driver.storage.Storage;

/**
 * The file {@code status.json} of a run: what its driver last said of it. A driver that is killed
 * says nothing more; {@link RunOverview} tells that from its lock.
 *
 * @param phase what the driver does, or did last
 * @param since when the driver started, or ended
 * @param lastStep at which training ends; 0 where that is not known
 * @param stepsPerEpoch likewise
 * @param knnAccuracy as it was found last during training, or null
 * @param reason why it failed or was stopped, or null
 */
public record RunStatus(
    Phase phase,
    Instant since,
    long lastStep,
    int stepsPerEpoch,
    Double knnAccuracy,
    String reason) {

  /** Name of the file in the run directory. */
  public static final String FILE_NAME = "status.json";

  /** What a driver does. */
  public enum Phase {
    TRAINING,
    EVALUATING,
    FINISHED,
    STOPPED,
    FAILED
  }

  /** Whether the driver has done its work, for good or bad. */
  public boolean hasEnded() {
    return phase != Phase.TRAINING && phase != Phase.EVALUATING;
  }

  /** The same run in another phase, from now on. */
  public RunStatus in(Phase next, String why) {
    return new RunStatus(next, Instant.now(), lastStep, stepsPerEpoch, knnAccuracy, why);
  }

  /** The same run with another accuracy. */
  public RunStatus withKnnAccuracy(double accuracy) {
    return new RunStatus(phase, since, lastStep, stepsPerEpoch, accuracy, reason);
  }

  /** Writes the file, in place of an earlier one. */
  public void write(Storage storage, Path run) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("phase", phase.name().toLowerCase(Locale.ROOT));
    values.put("since", since.toString());
    values.put("last_step", lastStep);
    values.put("steps_per_epoch", stepsPerEpoch);
    values.put("knn_accuracy", knnAccuracy);
    values.put("reason", reason);
    byte[] bytes = (Json.line(values) + "\n").getBytes(UTF_8);
    storage.write(new Path(run, FILE_NAME), out -> out.write(bytes));
  }

  /** What the file says; empty if there is none, or one that is being written. */
  public static Optional<RunStatus> read(Storage storage, Path run) {
    return storage.readIfPresent(new Path(run, FILE_NAME)).flatMap(RunStatus::parse);
  }

  private static Optional<RunStatus> parse(byte[] bytes) {
    try {
      Map<String, Object> values = Json.parse(new String(bytes, UTF_8));
      return Optional.of(
          new RunStatus(
              Phase.valueOf(String.valueOf(values.get("phase")).toUpperCase(Locale.ROOT)),
              Instant.parse(String.valueOf(values.get("since"))),
              ((Number) values.get("last_step")).longValue(),
              ((Number) values.get("steps_per_epoch")).intValue(),
              values.get("knn_accuracy") instanceof Number accuracy ? accuracy.doubleValue() : null,
              (String) values.get("reason")));
    } catch (JsonProcessingException | RuntimeException halfWritten) {
      return Optional.empty();
    }
  }
}
