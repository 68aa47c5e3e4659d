package org.simclrspark.driver.sweep;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.simclrspark.driver.report.Page;
import org.simclrspark.driver.sweep.Row.Measure;

/**
 * The page {@code sweep.html}: a heat map of batch and temperature (or else of the first two axes)
 * for each measure, whose cells lead to the reports of their runs, and a table of everything.
 */
final class SweepPage {

  private static final String BATCH = "train.batch";
  private static final String TEMPERATURE = "loss.temperature";
  private static final String WARNING =
      "It tells how hard the task is, not how good the encoder: in table 5 of Chen et al. 2020 the"
          + " temperature with the best contrastive accuracy (0.05: 90.5 %) has a worse encoder"
          + " than 0.1 (87.8 %) and 0.5 (68.2 %). Compare by kNN and linear accuracy.";

  private final Results results;
  private final List<Axis> axes;
  private final Optional<Axis> down;
  private final Optional<Axis> across;

  SweepPage(Results results) {
    this.results = results;
    this.axes = results.spec().axes();
    this.down = axis(BATCH).or(() -> first(TEMPERATURE, null));
    this.across = axis(TEMPERATURE).or(() -> first(BATCH, down.map(Axis::key).orElse(null)));
  }

  private Optional<Axis> axis(String key) {
    return axes.stream().filter(axis -> axis.key().equals(key)).findFirst();
  }

  /** The first axis that is none of two. */
  private Optional<Axis> first(String other, String another) {
    return axes.stream()
        .filter(axis -> !axis.key().equals(other) && !axis.key().equals(another))
        .findFirst();
  }

  byte[] toBytes() {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("summary", summary());
    data.put("best", results.best().map(row -> row.first().candidate()).orElse(null));
    data.put("seeds", results.spec().seeds().size());
    data.put("axes", axes.stream().map(axis -> axis.shortKey(axes)).toList());
    data.put("rowAxis", axis(down));
    data.put("columns", axis(across));
    data.put("measures", List.of(Measure.values()).stream().map(SweepPage::measure).toList());
    Set<String> groups = new LinkedHashSet<>();
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Row row : results.rows()) {
      String group = group(row);
      groups.add(group);
      rows.add(row(row, group));
    }
    data.put("groups", List.copyOf(groups));
    data.put("rows", rows);
    return Page.of("Sweep", data, Page.text(SweepPage.class, "sweep.js")).toBytes();
  }

  private String summary() {
    long ended =
        results.rows().stream()
            .flatMap(row -> row.outcomes().stream())
            .filter(Outcome::isEnded)
            .count();
    long all = results.rows().stream().mapToLong(row -> row.points().size()).sum();
    return ended
        + " of "
        + all
        + " points are done: "
        + String.join(", ", results.spec().options())
        + ", "
        + results.spec().seeds().size()
        + " seed(s)"
        + (results.spec().rungs() > 1
            ? ", " + results.spec().rungs() + " rungs of successive halving."
            : ".");
  }

  private Map<String, Object> axis(Optional<Axis> axis) {
    return Map.of(
        "name", axis.map(found -> found.shortKey(axes)).orElse("all"),
        "values", axis.map(Axis::values).orElse(List.of("")));
  }

  private static Map<String, Object> measure(Measure measure) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("key", measure.key());
    json.put("title", measure.title());
    json.put("fraction", measure.isFraction());
    json.put(
        "warning", measure == Measure.CONTRASTIVE || measure == Measure.ENTROPY ? WARNING : null);
    return json;
  }

  /** The values of the axes that are on no side of the map. */
  private String group(Row row) {
    return axes.stream()
        .filter(axis -> !Optional.of(axis).equals(down) && !Optional.of(axis).equals(across))
        .map(axis -> axis.shortKey(axes) + " " + row.first().values().get(axis.key()))
        .collect(Collectors.joining(", "));
  }

  private String value(Row row, Optional<Axis> axis) {
    return axis.map(found -> row.first().values().get(found.key())).orElse("");
  }

  private Map<String, Object> row(Row row, String group) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("at", List.of(value(row, down), value(row, across)));
    json.put("group", group);
    json.put("values", List.copyOf(row.first().values().values()));
    json.put("learning_rate", row.learningRate());
    json.put("states", row.states());
    json.put("failed", row.count(Outcome.State.FAILED) > 0);
    json.put("best", results.best().filter(row::equals).isPresent());
    json.put(
        "reasons",
        row.outcomes().stream().map(Outcome::reason).filter(Objects::nonNull).distinct().toList());
    for (Measure measure : Measure.values()) {
      json.put(measure.key(), Results.json(row.statistic(measure)));
    }
    List<Map<String, Object>> seeds = new ArrayList<>();
    for (int i = 0; i < row.points().size(); i++) {
      Point point = row.points().get(i);
      Outcome outcome = row.outcomes().get(i);
      Map<String, Object> seed = new LinkedHashMap<>();
      seed.put("seed", point.seed());
      seed.put("name", point.words(axes));
      seed.put("run", SweepDirectory.runName(point));
      seed.put("state", outcome.state().word());
      seed.put("reason", outcome.reason());
      seeds.add(seed);
    }
    json.put("seeds", seeds);
    return json;
  }
}
