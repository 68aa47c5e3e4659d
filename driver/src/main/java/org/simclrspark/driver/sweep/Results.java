package org.simclrspark.driver.sweep;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.simclrspark.driver.report.TextTable;
import org.simclrspark.driver.sweep.Row.Measure;

/** What came out of a sweep: as JSON without times, as a table, and as a configuration to train. */
final class Results {

  private final Spec spec;
  private final List<Point> points;
  private final Map<Point, Outcome> outcomes;
  private final List<Row> rows;

  /**
   * Sums up.
   *
   * @param outcomes of all points, those included that are not finished
   */
  Results(Spec spec, List<Point> points, Map<Point, Outcome> outcomes) {
    this.spec = spec;
    this.points = points;
    this.outcomes = outcomes;
    this.rows = Row.of(points, outcomes);
  }

  Spec spec() {
    return spec;
  }

  List<Row> rows() {
    return rows;
  }

  /**
   * The candidate with the best mean kNN accuracy, of those whose seeds all were trained to their
   * end and did not collapse; the first of the grid if two are equal.
   */
  Optional<Row> best() {
    return rows.stream()
        .filter(Row::isWhole)
        .max(
            Comparator.comparingDouble((Row row) -> row.statistic(Measure.KNN).mean())
                .thenComparing(rows::indexOf, Comparator.reverseOrder()));
  }

  /** The contents of {@code sweep.json}. Nothing in it depends on when or how often it ran. */
  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>(spec.json());
    json.put("points", points.stream().map(this::json).toList());
    json.put("table", rows.stream().map(Results::json).toList());
    json.put("best", best().map(row -> row.first().candidate()).orElse(null));
    return json;
  }

  private Map<String, Object> json(Point point) {
    Outcome outcome = outcomes.get(point);
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", point.name());
    json.put("run", SweepDirectory.runName(point));
    json.put("values", values(point));
    json.put("seed", point.seed());
    json.put("state", outcome.state().word());
    json.put("reason", outcome.reason());
    json.put("steps", outcome.steps());
    json.put("knn_accuracy", outcome.knnAccuracy());
    json.put("linear_accuracy", outcome.linearAccuracy());
    json.put("contrastive_accuracy", outcome.contrastiveAccuracy());
    json.put("contrastive_entropy", outcome.contrastiveEntropy());
    json.put("loss", outcome.loss());
    json.put("parameters_sha256", outcome.parametersSha256());
    return json;
  }

  private static Map<String, Object> json(Row row) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("values", values(row.first()));
    json.put("learning_rate", row.learningRate());
    json.put("states", row.states());
    for (Measure measure : Measure.values()) {
      json.put(measure.key(), json(row.statistic(measure)));
    }
    return json;
  }

  /** Numbers that are not known are null. */
  static Map<String, Object> json(Statistic statistic) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("mean", known(statistic.mean()));
    json.put("standard_deviation", known(statistic.deviation()));
    json.put("seeds", statistic.count());
    return json;
  }

  private static Double known(double number) {
    return Double.isNaN(number) ? null : number;
  }

  private static Map<String, Object> values(Point point) {
    Map<String, Object> values = new LinkedHashMap<>();
    point.values().forEach((key, value) -> values.put(key, Axis.json(value)));
    return values;
  }

  /** The table of all candidates, line by line. */
  List<String> table() {
    List<List<String>> cells = new ArrayList<>();
    List<String> head = new ArrayList<>();
    spec.axes().forEach(axis -> head.add(axis.shortKey(spec.axes())));
    head.addAll(List.of("learning rate", "kNN", "linear", "contr. acc.", "entropy", ""));
    cells.add(head);
    Optional<Row> best = best();
    for (Row row : rows) {
      List<String> line = new ArrayList<>(row.first().values().values());
      line.add(String.format(Locale.ROOT, "%.4g", row.learningRate()));
      for (Measure measure : Measure.values()) {
        line.add(measure.text(row.statistic(measure)));
      }
      line.add(best.filter(row::equals).isPresent() ? row.states() + ", best" : row.states());
      cells.add(line);
    }
    return TextTable.lines(cells, column -> column < head.size() - 1);
  }
}
