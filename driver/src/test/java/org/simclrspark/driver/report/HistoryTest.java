package org.simclrspark.driver.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HistoryTest {

  private static final int WEEKS = 300_000;

  @Test
  void ofWeeksIsAsLongAsAScreenIsWide() {
    History history = new History();
    for (int step = 1; step <= WEEKS; step++) {
      history.add(line(step));
    }
    Map<String, Object> json = history.json();
    List<?> steps = (List<?>) json.get("step");
    assertThat(steps).hasSizeBetween(History.POINTS / 2, History.POINTS);
    assertThat(steps.get(steps.size() - 1)).isEqualTo((long) WEEKS);
    assertThat((List<?>) json.get("spectra")).hasSizeBetween(6, 13);
    assertThat((List<?>) json.get("judged")).hasSizeBetween(100, 300);
    assertThat((List<?>) json.get("events")).hasSizeLessThanOrEqualTo(600);
    assertThat(Json.line(json).length()).isLessThan(500_000);
  }

  @Test
  void aPointHasTheMeanAndTheRangeOfItsStepsAndTheSumOfCounts() {
    History history = new History(4);
    for (int step = 0; step < 8; step++) {
      history.add(Map.of("step", step, "time", 10.0 + step, "loss", step, "images_skipped", 3));
    }
    Map<String, Object> json = history.json();
    assertThat(json.get("step")).isEqualTo(List.of(1L, 3L, 5L, 7L));
    Map<?, ?> loss = (Map<?, ?>) ((Map<?, ?>) json.get("curves")).get("loss");
    assertThat(loss.get("mean")).isEqualTo(List.of(0.5, 2.5, 4.5, 6.5));
    assertThat(loss.get("low")).isEqualTo(List.of(0.0, 2.0, 4.0, 6.0));
    assertThat(loss.get("high")).isEqualTo(List.of(1.0, 3.0, 5.0, 7.0));
    Map<?, ?> skipped = (Map<?, ?>) ((Map<?, ?>) json.get("curves")).get("images_skipped");
    assertThat(skipped).isEqualTo(Map.of("mean", List.of(6.0, 6.0, 6.0, 6.0)));
  }

  @Test
  void tellsWhatHappenedAndWhen() {
    History history = new History();
    history.add(Map.of("step", 1, "time", 5, "collapsed", false, "images_skipped", 0));
    history.add(Map.of("step", 2, "time", 6, "collapsed", true, "images_skipped", 4));
    history.add(Map.of("step", 3, "time", 7, "collapsed", true, "executors_lost", 2));
    history.add(Map.of("step", 4, "time", 8, "resumed", true));
    assertThat((List<?>) history.json().get("events"))
        .extracting(
            event -> ((Map<?, ?>) event).get("kind") + " " + ((Map<?, ?>) event).get("step"))
        .containsExactlyInAnyOrder(
            "images skipped 2", "collapsed 2", "executors lost 3", "resumed 4");
  }

  @Test
  void takesLinesOfAnyVersionAndNumbersThatAreMissing() {
    History history = new History();
    history.add(Map.of("note", "no step"));
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("step", 1);
    line.put("loss", null);
    history.add(line);
    history.add(Map.of("step", 2, "loss", 1.5, "odd", List.of(1, 2), "seconds", Map.of("a", "b")));
    history.amend(Map.of("knn_accuracy", 0.25));
    Map<?, ?> curves = (Map<?, ?>) history.json().get("curves");
    assertThat(curves.keySet()).isEqualTo(java.util.Set.of("loss"));
    assertThat(history.knnAccuracy()).isCloseTo(0.25, within(0.0));
    assertThat(history.steps()).isEqualTo(2);
  }

  private static Map<String, Object> line(int step) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("step", step);
    line.put("time", 1.7e9 + step);
    line.put("loss", 1.0 / step);
    line.put("images_skipped", step % 7 == 0 ? 1 : 0);
    line.put("executors_lost", step % 1000 == 0 ? 1 : 0);
    if (step % 100 == 0) {
      line.put("spectrum", IntStream.range(0, 128).mapToObj(i -> 1.0 / (i + 128)).toList());
    }
    if (step % 500 == 0) {
      line.put("knn_accuracy", 0.5);
    }
    return line;
  }
}
