package org.simclrspark.driver.sweep;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.simclrspark.driver.config.ConfigFiles;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.report.Json;
import org.simclrspark.driver.report.RunFile;
import org.simclrspark.driver.run.TargetLock;
import org.simclrspark.driver.storage.Storage;

/**
 * The directory of a sweep on a local disk, HDFS or S3: {@code sweep.json}, {@code base.conf},
 * {@code best.conf}, {@code sweep.html}, {@code index/} of the images, {@code points/} with an
 * ordinary run directory each, and {@code lock/} while a driver works on it.
 */
public final class SweepDirectory {

  /** The file with what was asked for and what came out. */
  public static final String RESULTS = "sweep.json";

  /** The file with the configuration of the first point. */
  public static final String BASE = "base.conf";

  private static final String BEST = "best.conf";
  private static final String PAGE = "sweep.html";
  private static final String POINTS = "points";
  private static final String SEED = "train.seed";

  private final Path path;
  private final Configuration hadoop;
  private final Storage storage;

  /**
   * Names a directory, and makes nothing yet.
   *
   * @param log takes a line about every retry of the storage
   */
  public SweepDirectory(Path path, Configuration hadoop, Consumer<String> log) {
    this.hadoop = hadoop;
    this.storage = Storage.of(path, hadoop, log);
    this.path = storage.qualify(path);
  }

  /** The directory, with scheme and authority. */
  Path path() {
    return path;
  }

  /** The run directory of a point. */
  Path run(Point point) {
    return new Path(path, runName(point));
  }

  /** The same relative to the sweep's. */
  static String runName(Point point) {
    return POINTS + "/" + point.name();
  }

  /** A run that is made to see how long steps take, and deleted again. */
  Path scratch() {
    return new Path(path, "estimate");
  }

  void deleteScratch() {
    storage.delete(scratch());
  }

  /** Whether a sweep was started in it. */
  boolean isStarted() {
    return read(BASE).isPresent();
  }

  /** Takes the sweep for this driver. */
  TargetLock lock(Consumer<String> log) {
    return TargetLock.acquireSweep(new Path(path, "lock"), hadoop, log);
  }

  /** What the sweep was asked for; empty where none was started. */
  public Optional<Spec> spec() {
    return results().flatMap(Spec::of);
  }

  /** What {@code sweep.json} holds. */
  Optional<Map<String, Object>> results() {
    return read(RESULTS)
        .map(
            bytes -> {
              try {
                return Json.parse(new String(bytes, UTF_8));
              } catch (JsonProcessingException e) {
                throw new ConfigurationException(
                    new Path(path, RESULTS)
                        + ": must be JSON, found something else. Delete it: the runs in "
                        + POINTS
                        + "/ have what is needed to write it again.");
              }
            });
  }

  /** Why points failed, by their names, in the sweep as it was left. */
  @SuppressWarnings("unchecked")
  Map<String, String> failures() {
    Map<String, String> failures = new LinkedHashMap<>();
    Object points = results().map(json -> json.get(POINTS)).orElse(List.of());
    for (Map<String, Object> point : (List<Map<String, Object>>) points) {
      if (Outcome.State.FAILED.word().equals(point.get("state"))) {
        failures.put((String) point.get("name"), (String) point.get("reason"));
      }
    }
    return failures;
  }

  /**
   * Refuses a directory that holds a run, or a sweep that this grid does not extend.
   *
   * @throws ConfigurationException with all that differs, and the remedy
   */
  public void requireExtendedBy(Grid grid, int rungs) {
    if (read(SimclrConfig.FILE_NAME).isPresent()) {
      throw new ConfigurationException(
          "--run: the directory must be new or that of a sweep, found a run in "
              + path
              + ". Choose another one.");
    }
    Spec spec = new Spec(grid.axes(), grid.seeds(), rungs);
    spec().ifPresent(before -> spec.requireExtends(before, path.toString()));
    read(BASE).ifPresent(bytes -> requireSameBase(grid, bytes));
  }

  private void requireSameBase(Grid grid, byte[] bytes) {
    Path file = new Path(path, BASE);
    SimclrConfig before = SimclrConfig.load(ConfigFiles.parse(bytes, file.toString()), List.of());
    Set<String> axes = Set.copyOf(grid.axes().stream().map(Axis::key).toList());
    List<String> differences =
        grid.points()
            .get(0)
            .config()
            .differences(
                before,
                key ->
                    !axes.contains(key)
                        && !key.equals(SEED)
                        && !key.startsWith("data.")
                        && !key.startsWith("checkpoint.")
                        && !key.startsWith("report.")
                        && !key.equals("worker.activation-memory")
                        && !key.equals("worker.mixed-processors"));
    if (!differences.isEmpty()) {
      throw new ConfigurationException(
          differences.stream()
              .map(
                  line ->
                      line
                          + " as in "
                          + file
                          + ": all points of a sweep must differ in their axes alone. Take the"
                          + " value back, or choose another --run.")
              .toList());
    }
  }

  void writeBase(SimclrConfig config) {
    write(BASE, config.render());
  }

  void writeBest(String text) {
    write(BEST, text);
  }

  void writeResults(Map<String, Object> results) {
    write(RESULTS, Json.pretty(results) + "\n");
  }

  void writePage(byte[] html) {
    new RunFile(new Path(path, PAGE), hadoop).replace(html);
  }

  private Optional<byte[]> read(String name) {
    return storage.readIfPresent(new Path(path, name));
  }

  private void write(String name, String text) {
    new RunFile(new Path(path, name), hadoop).replace(text.getBytes(UTF_8));
  }
}
