package org.simclrspark.driver.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.driver.config.ConfigFiles;
import org.simclrspark.driver.report.Browser;
import org.simclrspark.driver.sweep.Outcome.State;

/** The heat maps as a reader has them: opened from disk in a real browser. */
class SweepPageTest {

  private static final String HOSTILE = "</script><b onclick=\"alert(1)\">";

  @TempDir Path directory;

  /** 3 batches, 4 temperatures, 2 seeds; the first point failed, the second was stopped. */
  private static Results results() {
    Grid grid =
        Grid.of(
            ConfigFiles.empty(),
            List.of("data.train=/a", "data.test=/b", "train.shards=1", "train.micro-batch=16"),
            List.of("train.batch=16,32,64", "loss.temperature=0.05,0.1,0.2,0.5"),
            2);
    Map<Point, Outcome> outcomes = new LinkedHashMap<>();
    for (Point point : grid.points()) {
      int i = outcomes.size();
      State state = i == 0 ? State.FAILED : i == 1 ? State.STOPPED : State.FINISHED;
      Double linear = state == State.FINISHED ? 0.4 + i / 1000.0 : null;
      Double knn = state == State.FAILED ? null : 0.3 + i / 1000.0;
      outcomes.put(
          point,
          new Outcome(
              state, i == 0 ? HOSTILE : null, 10, knn, linear, 0.9 - i / 100.0, 2.0, 5.0, "abc"));
    }
    return new Results(new Spec(grid.axes(), grid.seeds(), 1), grid.points(), outcomes);
  }

  @Test
  void everyCellLeadsToTheReportsOfItsRuns() throws Exception {
    assumeTrue(
        Browser.find().isPresent(),
        "Skipped: no Chromium on the PATH. Install it (Debian: chromium) to test the page.");
    Results results = results();
    Path page = Files.write(directory.resolve("sweep.html"), new SweepPage(results).toBytes());
    Path report = directory.resolve("points/batch-16_temperature-0.05_seed-1/report.html");
    Files.createDirectories(report.getParent());
    Files.writeString(report, "<title>The report</title>");
    try (Browser browser =
        Browser.open(Browser.find().orElseThrow(), directory.resolve("profile"), page)) {
      for (int width : new int[] {400, 1200, 2400}) {
        browser.show(width, 1000, width == 1200);
        assertThat(browser.evaluate("document.documentElement.scrollWidth").asInt())
            .as("width of the page in a window of %d", width)
            .isLessThanOrEqualTo(width);
        Path pictures = Files.createDirectories(Path.of("target/pictures"));
        Files.write(pictures.resolve("sweep-" + width + ".png"), browser.picture());
      }
      // Four maps and the table of all points, with a link a seed.
      assertThat(browser.evaluate("document.querySelectorAll('table').length").asInt())
          .isEqualTo(5);
      assertThat(
              browser
                  .evaluate("document.querySelectorAll('a[href$=\"report.html\"]').length")
                  .asInt())
          .isEqualTo(5 * 24);
      // The mean of the seeds 12 points apart, and the sample's deviation.
      assertThat(cell(browser, "knn_accuracy", 3, 4)).startsWith("31.7 ± 0.8");
      assertThat(cell(browser, "knn_accuracy", 1, 1)).contains("1 finished, 1 failed");
      assertThat(cell(browser, "linear_accuracy", 3, 4)).startsWith("41.7 ± 0.8").contains("best");
      assertThat(browser.evaluate("document.querySelector('main').innerText").asText())
          .contains("Not for choosing a model", "table 5 of Chen et al. 2020", HOSTILE);
      assertThat(browser.evaluate("document.querySelectorAll('b').length").asInt()).isZero();
      assertThat(colour(browser, 3, 4)).isNotEqualTo(colour(browser, 1, 2));
      assertThat(browser.errors()).isEmpty();

      browser.click("#knn_accuracy td a");
      browser.await("document.title === 'The report'");
    }
  }

  private static String cell(Browser browser, String map, int row, int column) {
    return browser.evaluate(selected(map, row, column) + ".innerText").asText();
  }

  private static String colour(Browser browser, int row, int column) {
    return browser
        .evaluate("getComputedStyle(" + selected("knn_accuracy", row, column) + ").backgroundColor")
        .asText();
  }

  private static String selected(String map, int row, int column) {
    return "document.querySelector('#"
        + map
        + " tbody tr:nth-child("
        + row
        + ") td:nth-child("
        + (column + 1)
        + ")')";
  }
}
