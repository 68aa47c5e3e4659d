package org.simclrspark.driver.sweep;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A candidate of a sweep with what came out of its seeds.
 *
 * @param points one a seed
 * @param outcomes of the points, in the same order
 */
record Row(List<Point> points, List<Outcome> outcomes) {

  /** What candidates are compared by, or what is shown beside that. */
  enum Measure {
    /** Accuracy of nearest neighbours on h. */
    KNN("knn_accuracy", "kNN accuracy", true, Outcome::knnAccuracy),
    /** Accuracy of the linear probe on h. */
    LINEAR("linear_accuracy", "Linear accuracy", true, Outcome::linearAccuracy),
    /** How often the other view is the most similar row. */
    CONTRASTIVE("contrastive_accuracy", "Contrastive accuracy", true, Outcome::contrastiveAccuracy),
    /** Entropy of the similarities' softmax, in nats. */
    ENTROPY("contrastive_entropy", "Contrastive entropy", false, Outcome::contrastiveEntropy);

    private final String key;
    private final String title;
    private final boolean isFraction;
    private final Function<Outcome, Double> value;

    Measure(String key, String title, boolean isFraction, Function<Outcome, Double> value) {
      this.key = key;
      this.title = title;
      this.isFraction = isFraction;
      this.value = value;
    }

    String key() {
      return key;
    }

    String title() {
      return title;
    }

    boolean isFraction() {
      return isFraction;
    }

    String text(Statistic statistic) {
      return isFraction ? statistic.percent() : statistic.plain();
    }
  }

  /** All candidates, in the order of the grid. */
  static List<Row> of(List<Point> points, Map<Point, Outcome> outcomes) {
    Map<String, Row> rows = new LinkedHashMap<>();
    for (Point point : points) {
      Row row =
          rows.computeIfAbsent(
              point.candidate(), c -> new Row(new ArrayList<>(), new ArrayList<>()));
      row.points.add(point);
      row.outcomes.add(outcomes.get(point));
    }
    return List.copyOf(rows.values());
  }

  Point first() {
    return points.get(0);
  }

  /** The measure over the seeds that were not stopped before their end. */
  Statistic statistic(Measure measure) {
    return Statistic.of(
        outcomes.stream()
            .filter(outcome -> outcome.state() != Outcome.State.UNFINISHED)
            .map(measure.value)
            .flatMap(Stream::ofNullable)
            .toList());
  }

  long count(Outcome.State state) {
    return outcomes.stream().filter(outcome -> outcome.state() == state).count();
  }

  /** Whether every seed was trained to its end and judged, and none collapsed. */
  boolean isWhole() {
    return count(Outcome.State.FINISHED) == points.size();
  }

  /** The peak of the learning rate. */
  double learningRate() {
    return first().config().optimizer().peakLearningRate(first().config().train().batch());
  }

  /** What became of the seeds: {@code finished}, or {@code 2 finished, 1 failed}. */
  String states() {
    List<String> words = new ArrayList<>();
    for (Outcome.State state : Outcome.State.values()) {
      if (count(state) == points.size()) {
        return state.word();
      }
      if (count(state) > 0) {
        words.add(count(state) + " " + state.word());
      }
    }
    return String.join(", ", words);
  }
}
