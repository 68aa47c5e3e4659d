package org.simclrspark.driver.sweep;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.simclrspark.driver.report.Summary;
import org.simclrspark.driver.train.Schedule;

/**
 * How far a point is and what came out of it: numbers that its run directory holds, none of them a
 * time.
 *
 * @param state what became of it
 * @param reason why it failed, or null
 * @param steps taken
 * @param knnAccuracy at the end, or at the rung where it was stopped; a fraction, or null
 * @param linearAccuracy at the end, a fraction, or null
 * @param contrastiveAccuracy mean of the last epoch, a fraction, or null
 * @param contrastiveEntropy mean of the last epoch, in nats, or null
 * @param loss mean of the last epoch, or null
 * @param parametersSha256 of the trained encoder, or null
 */
record Outcome(
    State state,
    String reason,
    long steps,
    Double knnAccuracy,
    Double linearAccuracy,
    Double contrastiveAccuracy,
    Double contrastiveEntropy,
    Double loss,
    String parametersSha256) {

  /** What became of a point. */
  enum State {
    /** It is not trained to its end, or waits for others at a rung. */
    UNFINISHED,
    /** It was trained and judged. */
    FINISHED,
    /** It was trained and judged, and all embeddings were nearly the same at the end. */
    COLLAPSED,
    /** It was among the worse half at a rung, and trained no further. */
    STOPPED,
    /** It could not be trained or judged. */
    FAILED;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * The outcome of a run, as far as it is trained.
   *
   * @param run its directory, for messages
   * @param lines of its metrics
   * @param summary of it, empty if there is none
   */
  static Outcome of(
      Path run, List<Map<String, Object>> lines, Map<String, Object> summary, Schedule schedule) {
    boolean ended =
        summary.get(Summary.DATA_FINGERPRINT) != null
            && summary.get(Summary.STEPS) instanceof Number steps
            && steps.longValue() >= schedule.lastStep();
    if (!ended) {
      return upTo(Long.MAX_VALUE, lines, schedule, State.UNFINISHED);
    }
    Outcome trained = upTo(Long.MAX_VALUE, lines, schedule, State.FINISHED);
    Double knn = number(summary, Summary.KNN_ACCURACY);
    boolean collapsed =
        !lines.isEmpty() && Boolean.TRUE.equals(lines.get(lines.size() - 1).get("collapsed"));
    return new Outcome(
        knn == null ? State.FAILED : collapsed ? State.COLLAPSED : State.FINISHED,
        knn == null
            ? "its evaluation failed; judge it with simclr evaluate --run "
                + run
                + " and start the sweep again"
            : null,
        ((Number) summary.get(Summary.STEPS)).longValue(),
        knn,
        number(summary, Summary.LINEAR_ACCURACY),
        trained.contrastiveAccuracy,
        trained.contrastiveEntropy,
        trained.loss,
        (String) summary.get(Summary.PARAMETERS_SHA256));
  }

  /** What a run had come to at the step where it was stopped. */
  static Outcome stoppedAt(long step, List<Map<String, Object>> lines, Schedule schedule) {
    return upTo(step, lines, schedule, State.STOPPED);
  }

  Outcome failed(String why) {
    return new Outcome(
        State.FAILED, why, steps, null, null, contrastiveAccuracy, contrastiveEntropy, loss, null);
  }

  boolean isEnded() {
    return state != State.UNFINISHED;
  }

  private static Outcome upTo(
      long last, List<Map<String, Object>> all, Schedule schedule, State state) {
    List<Map<String, Object>> lines = all.stream().filter(line -> step(line) <= last).toList();
    if (lines.isEmpty()) {
      return new Outcome(state, null, 0, null, null, null, null, null, null);
    }
    Map<String, Object> end = lines.get(lines.size() - 1);
    List<Map<String, Object>> epoch =
        lines.subList(Math.max(0, lines.size() - schedule.stepsPerEpoch()), lines.size());
    return new Outcome(
        state,
        null,
        step(end),
        number(end, Summary.KNN_ACCURACY),
        null,
        mean(epoch, "contrastive_accuracy"),
        mean(epoch, "contrastive_entropy"),
        mean(epoch, "loss"),
        null);
  }

  static long step(Map<String, Object> line) {
    return ((Number) line.get("step")).longValue();
  }

  static Double number(Map<String, Object> values, String name) {
    return values.get(name) instanceof Number number ? number.doubleValue() : null;
  }

  private static Double mean(List<Map<String, Object>> lines, String name) {
    OptionalDouble mean =
        lines.stream()
            .map(line -> number(line, name))
            .flatMap(Stream::ofNullable)
            .mapToDouble(Double::doubleValue)
            .average();
    return mean.isPresent() ? mean.getAsDouble() : null;
  }
}
