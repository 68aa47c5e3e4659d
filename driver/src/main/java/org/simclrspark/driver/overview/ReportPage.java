package org.simclrspark.driver.overview;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.config.Secrets;
import org.simclrspark.driver.report.History;
import org.simclrspark.driver.report.Json;
import org.simclrspark.driver.report.Metrics;
import org.simclrspark.driver.report.Page;
import org.simclrspark.driver.report.RunFile;
import org.simclrspark.driver.run.RunData;
import org.simclrspark.driver.storage.Storage;

/**
 * The page {@code report.html}: what one run has learned and how it went, or several runs beside
 * each other. It is made from the files of the run directories alone.
 */
public final class ReportPage {

  /** Name of the file in a run directory. */
  public static final String FILE_NAME = "report.html";

  /** Points that all curves of a name have together, so that a page of many runs stays small. */
  private static final int POINTS = 4000;

  private static final int LEAST_POINTS = 100;
  private static final int MOST_RUNS = 50;

  private ReportPage() {}

  /**
   * The page of some runs.
   *
   * @param runs their directories, on any Hadoop file system
   * @throws ConfigurationException if a directory holds no run
   */
  public static byte[] of(List<Path> runs, Configuration hadoop) {
    if (runs.size() > MOST_RUNS) {
      throw new ConfigurationException(
          "--run: a page compares at most "
              + MOST_RUNS
              + " runs, found "
              + runs.size()
              + ". Name fewer.");
    }
    int points = Math.max(LEAST_POINTS, Math.min(History.POINTS, POINTS / runs.size()));
    List<Map<String, Object>> all =
        runs.stream()
            .map(
                run ->
                    json(run, Metrics.history(run, hadoop, points, Long.MAX_VALUE), hadoop, runs))
            .toList();
    return page(all);
  }

  /**
   * The page of one run.
   *
   * @param history of its metrics
   */
  static byte[] of(Path run, History history, Configuration hadoop) {
    return page(List.of(json(run, history, hadoop, List.of(run))));
  }

  private static byte[] page(List<Map<String, Object>> runs) {
    String title = runs.size() == 1 ? String.valueOf(runs.get(0).get("name")) : "Runs compared";
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("written", Instant.now().getEpochSecond());
    data.put("runs", runs);
    return Page.of(title + " \u00b7 simclr-spark", data, Page.text(ReportPage.class, "report.js"))
        .toBytes();
  }

  private static Map<String, Object> json(
      Path run, History history, Configuration hadoop, List<Path> all) {
    RunOverview overview = RunOverview.of(run, hadoop);
    if (overview.settings().isEmpty()) {
      throw new ConfigurationException(
          "--run: the directory must hold a run with its config.conf, found none in "
              + run
              + ". simclr runs DIR lists the runs under a directory.");
    }
    Storage storage = Storage.of(run, hadoop, line -> {});
    Optional<RunStatus> status = RunStatus.read(storage, overview.path());
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", RunNames.of(overview.path(), all));
    json.putAll(overview.json());
    json.put("run", Secrets.redact(overview.path().toString()));
    json.put("stepsPerEpoch", status.map(RunStatus::stepsPerEpoch).filter(n -> n > 0).orElse(null));
    json.put("summary", overview.summary());
    json.put("history", history.json());
    Optional<RunData> data = RunData.read(storage, overview.path());
    json.put("images", data.map(found -> found.train().count()).orElse(null));
    json.put("classes", data.map(found -> found.learned().classes().size()).orElse(null));
    json.put("published", data.flatMap(found -> Published.of(found.learned())).orElse(null));
    json.put(
        "settings",
        overview.settings().stream()
            .map(
                setting -> {
                  Map<String, Object> shown = new LinkedHashMap<>();
                  shown.put("key", setting.key());
                  shown.put("value", setting.value());
                  shown.put("default", setting.defaultValue());
                  shown.put("differs", setting.differs());
                  shown.put("meaning", setting.meaning());
                  return shown;
                })
            .toList());
    if (all.size() == 1) {
      json.put("views", pictures(RunPictures.VIEWS, overview.path(), hadoop));
      json.put("neighbours", pictures(RunPictures.NEIGHBOURS, overview.path(), hadoop));
    }
    return json;
  }

  private static Map<String, Object> pictures(String name, Path run, Configuration hadoop) {
    Optional<byte[]> file = new RunFile(new Path(run, name), hadoop).read();
    try {
      return file.isPresent() ? Json.parse(new String(file.get(), UTF_8)) : null;
    } catch (JsonProcessingException halfWritten) {
      return null;
    }
  }
}
