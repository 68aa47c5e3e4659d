package org.simclrspark.driver.overview;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.driver.overview.RunStatus.Phase;
import org.simclrspark.driver.report.Browser;

/** The report as a reader has it: opened from disk in a real browser, without a network. */
class ReportBrowserTest {

  @TempDir Path directory;
  private final Configuration hadoop = new Configuration();

  @BeforeEach
  void requireBrowser() {
    assumeTrue(
        Browser.find().isPresent(),
        "Skipped: no Chromium on the PATH. Install it (Debian: chromium) to test the report.");
  }

  private Path page(int runs) throws Exception {
    List<org.apache.hadoop.fs.Path> paths =
        IntStream.range(0, runs)
            .mapToObj(i -> new org.apache.hadoop.fs.Path(directory.resolve("run-" + i).toUri()))
            .toList();
    for (int i = 0; i < runs; i++) {
      TestRuns.write(paths.get(i), hadoop, 1500, 0.1 * (i + 1), Phase.FINISHED);
    }
    return Files.write(directory.resolve("page.html"), ReportPage.of(paths, hadoop));
  }

  private Browser open(Path page) throws Exception {
    return Browser.open(Browser.find().orElseThrow(), directory.resolve("profile"), page);
  }

  @Test
  void oneRunIsShownWithoutAnErrorAndFitsEveryWindow() throws Exception {
    try (Browser browser = open(page(1))) {
      for (int width : new int[] {400, 1200, 2400}) {
        for (boolean dark : new boolean[] {false, true}) {
          browser.show(width, 1000, dark);
          keep(browser, "report-" + width + (dark ? "-dark" : "-light"));
          assertThat(browser.evaluate("document.documentElement.scrollWidth").asInt())
              .as("width of the page in a window of %d", width)
              .isLessThanOrEqualTo(width);
          assertThat(browser.evaluate("document.documentElement.dataset.theme").asText())
              .isEqualTo(dark ? "dark" : "light");
          assertThat(browser.evaluate("document.querySelectorAll('.plot canvas').length").asInt())
              .isGreaterThanOrEqualTo(13);
        }
      }
      assertThat(browser.evaluate("document.querySelector('main').innerText").asText())
          .contains("61.2", "33.9", "Chen et al. 2020", "executors lost", TestRuns.HOSTILE.strip());
      assertThat(browser.evaluate("document.querySelectorAll('img').length").asInt()).isEqualTo(9);
      assertThat(
              browser
                  .evaluate("[...document.images].every(i => i.alt && i.naturalWidth === 1)")
                  .asBoolean())
          .isTrue();
      assertThat(browser.errors()).isEmpty();
    }
  }

  @Test
  void mouseAndKeyboardReachEverything() throws Exception {
    try (Browser browser = open(page(1))) {
      browser.show(1200, 900, false);
      int height = browser.evaluate("document.body.scrollHeight").asInt();
      browser.hover("#training .u-over");
      assertThat(browser.evaluate("document.body.scrollHeight").asInt())
          .as("values under the mouse must not move the page")
          .isEqualTo(height);
      assertThat(browser.evaluate(legend()).asText()).matches("(?s).*loss.*\\d+\\.\\d+.*");

      browser.click("#theme");
      assertThat(browser.evaluate("document.documentElement.dataset.theme").asText())
          .isEqualTo("dark");

      browser.evaluate("document.querySelector('#training .plot').focus()");
      browser.press("End");
      assertThat(
              browser
                  .evaluate("document.querySelector('#training .plot + [aria-live]').textContent")
                  .asText())
          .contains("1,500", "loss 5.2");
      browser.press("Home");
      browser.press("ArrowRight");

      browser.evaluate(
          "(() => { const s = document.querySelector('#axis'); s.value = 'epoch';"
              + " s.dispatchEvent(new Event('change')); })()");
      browser.frames();
      assertThat(browser.evaluate("document.querySelector('#training .plot').ariaLabel").asText())
          .contains("from 9.197 at 0.02 to 5.2 at 30 (Epoch)");

      browser.click("#training details summary");
      assertThat(
              browser
                  .evaluate("document.querySelectorAll('#training details table tr').length")
                  .asInt())
          .isBetween(50, 120);

      int keys = rows(browser);
      browser.click("#only-differing");
      assertThat(rows(browser)).isBetween(5, keys - 20);
      browser.evaluate(
          "(() => { const s = document.querySelector('#key-search'); s.value = 'train.b';"
              + " s.dispatchEvent(new Event('input')); })()");
      assertThat(rows(browser)).isEqualTo(1);

      assertThat(browser.print()).hasSizeGreaterThan(50_000);
      assertThat(browser.errors()).isEmpty();
    }
  }

  @Test
  void severalRunsAreDrawnInTheSameCharts() throws Exception {
    try (Browser browser = open(page(3))) {
      browser.show(1200, 900, false);
      keep(browser, "comparison-1200");
      assertThat(browser.evaluate(legend()).asText()).contains("run-0", "run-1", "run-2");
      assertThat(rows(browser)).isEqualTo(1);
      assertThat(
              browser.evaluate("document.querySelector('#configuration table').innerText").asText())
          .contains("loss.temperature", "0.2");
      assertThat(browser.errors()).isEmpty();
    }
  }

  /** For people to look at. */
  private static void keep(Browser browser, String name) throws Exception {
    Path pictures = Files.createDirectories(Path.of("target", "screenshots"));
    Files.write(pictures.resolve(name + ".png"), browser.picture());
  }

  private static int rows(Browser browser) {
    return browser.evaluate("document.querySelectorAll('#configuration tbody tr').length").asInt();
  }

  private static String legend() {
    return "document.querySelector('#training .u-legend').innerText";
  }
}
