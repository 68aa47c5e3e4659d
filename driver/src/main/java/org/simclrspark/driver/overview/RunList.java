package org.simclrspark.driver.overview;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.config.Secrets;
import org.simclrspark.driver.config.Setting;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.report.FailureWords;
import org.simclrspark.driver.report.TextTable;
import org.simclrspark.driver.storage.Storage;

/** The runs under a directory, each with how it stands and what it is configured with. */
public final class RunList {

  private static final int DEPTH = 4;
  private static final int REQUESTS = 16;

  private final List<Entry> entries;

  /**
   * A run of the list.
   *
   * @param name as much of the path as tells it from the others
   * @param overview null where the run's files cannot be understood
   * @param problem why they cannot, or null
   */
  private record Entry(String name, Path path, RunOverview overview, String problem) {

    Map<String, String> settings() {
      return overview == null
          ? Map.of()
          : overview.settings().stream()
              .collect(Collectors.toMap(Setting::key, Setting::value, (a, b) -> a, TreeMap::new));
    }
  }

  private RunList(List<Entry> entries) {
    this.entries = entries;
  }

  /**
   * Finds the runs: directories with a {@code config.conf}, at most four levels down.
   *
   * @throws ConfigurationException if there is no such directory
   */
  public static RunList under(Path directory, Configuration hadoop) {
    Storage storage = Storage.of(directory, hadoop, System.err::println);
    Path root = storage.qualify(directory);
    List<Path> runs = new ArrayList<>();
    if (storage.list(root).isEmpty()) {
      throw new ConfigurationException(
          "DIR: must be a directory with runs in it, found nothing in "
              + root
              + ". Check the path.");
    }
    collect(storage, root, DEPTH, runs);
    ExecutorService pool = Executors.newFixedThreadPool(REQUESTS);
    try {
      List<Future<Entry>> looks =
          runs.stream().map(run -> pool.submit(() -> look(run, root, runs, hadoop))).toList();
      List<Entry> entries = new ArrayList<>();
      for (Future<Entry> look : looks) {
        entries.add(look.get());
      }
      return new RunList(entries);
    } catch (java.util.concurrent.ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while looking at runs", e);
    } finally {
      pool.shutdownNow();
    }
  }

  private static void collect(Storage storage, Path directory, int levels, List<Path> runs) {
    List<FileStatus> files = storage.list(directory);
    if (files.stream().anyMatch(file -> isConfiguration(file))) {
      runs.add(directory);
    } else if (levels > 0) {
      files.stream()
          .filter(FileStatus::isDirectory)
          .forEach(inner -> collect(storage, inner.getPath(), levels - 1, runs));
    }
  }

  private static boolean isConfiguration(FileStatus file) {
    return file.isFile() && file.getPath().getName().equals(SimclrConfig.FILE_NAME);
  }

  /** Looks at one run; a damaged one is a line of the list, not the end of it. */
  private static Entry look(Path run, Path root, List<Path> all, Configuration hadoop) {
    String name = name(run, root, all);
    try {
      return new Entry(name, run, RunOverview.of(run, hadoop), null);
    } catch (RuntimeException e) {
      return new Entry(name, run, null, FailureWords.of(e));
    }
  }

  private static String name(Path run, Path root, List<Path> all) {
    String under = root.toUri().relativize(run.toUri()).getPath();
    return under.isEmpty() || under.equals(run.toUri().getPath()) ? RunNames.of(run, all) : under;
  }

  /** One JSON object a run, with the settings that are not the same in all of them. */
  public List<Map<String, Object>> json() {
    List<Map<String, Object>> all = new ArrayList<>();
    TreeSet<String> differing = differing();
    for (Entry entry : entries) {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("name", entry.name);
      if (entry.overview == null) {
        json.put("run", Secrets.redact(entry.path.toString()));
        json.put("state", "unreadable");
        json.put("reason", entry.problem);
      } else {
        json.putAll(entry.overview.json());
        json.put("run", Secrets.redact(entry.path.toString()));
      }
      Map<String, Object> settings = new LinkedHashMap<>();
      differing.forEach(key -> settings.put(key, entry.settings().get(key)));
      json.put("differs", settings);
      all.add(json);
    }
    return all;
  }

  /** Keys whose values are not the same in all runs. */
  private TreeSet<String> differing() {
    List<Map<String, String>> settings =
        entries.stream().map(Entry::settings).filter(found -> !found.isEmpty()).toList();
    TreeSet<String> keys = new TreeSet<>();
    settings.forEach(found -> keys.addAll(found.keySet()));
    keys.removeIf(key -> settings.stream().map(found -> found.get(key)).distinct().count() == 1);
    return keys;
  }

  /** A table for people, line by line. */
  public List<String> lines() {
    if (entries.isEmpty()) {
      return List.of("No runs: no directory with a " + SimclrConfig.FILE_NAME + ".");
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("RUN", "STATE", "STEP", "IMG/S", "LOSS", "KNN", "CHECKPOINT", "DIFFERS"));
    TreeSet<String> differing = differing();
    entries.forEach(entry -> rows.add(row(entry, differing)));
    List<String> table = TextTable.lines(rows, column -> column >= 2 && column <= 5);
    List<String> lines = new ArrayList<>();
    lines.add(table.get(0));
    for (int i = 0; i < entries.size(); i++) {
      lines.add(table.get(i + 1));
      String reason = reason(entries.get(i));
      if (reason != null) {
        lines.add("  " + reason);
      }
    }
    return lines;
  }

  private static String reason(Entry entry) {
    return entry.overview == null ? entry.problem : entry.overview.reason();
  }

  private static List<String> row(Entry entry, TreeSet<String> differing) {
    RunOverview run = entry.overview;
    if (run == null) {
      return List.of(plain(entry.name), "unreadable", "", "", "", "", "", "");
    }
    String state = run.state().name().toLowerCase(Locale.ROOT);
    boolean beats = run.state() == RunOverview.State.RUNNING && run.heartbeat().isPresent();
    return List.of(
        plain(entry.name),
        beats ? state + ", " + Ages.of(run.heartbeat().get().time()) + " ago" : state,
        run.step() + (run.steps() == null ? "" : " of " + run.steps()),
        number("%.0f", run.last("images_per_second")),
        number("%.4f", run.last("loss")),
        number("%.1f %%", run.knnAccuracy() == null ? null : 100 * run.knnAccuracy()),
        run.checkpoint()
            .map(saved -> "step " + saved.step() + ", " + Ages.of(saved.time()) + " old")
            .orElse("none"),
        differing.stream()
            .map(key -> key + "=" + plain(entry.settings().getOrDefault(key, "?")))
            .collect(Collectors.joining(" ")));
  }

  private static String number(String format, Double value) {
    return value == null ? "-" : String.format(Locale.ROOT, format, value);
  }

  /** A name may hold what moves a terminal's cursor. */
  private static String plain(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }
}
