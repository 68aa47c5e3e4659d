package org.simclrspark.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What happens to executors on an elastic cluster. Each disturbance lasts until the log of the
 * driver, with the lines about its tasks, says that Spark has met it.
 */
final class Disturbance {

  private static final int PATIENCE_SECONDS = 100;

  private static final Pattern SLOW_TASK =
      Pattern.compile("Marking task (\\d+) in stage (\\S+) \\(on \\S+\\) as speculatable");

  private final StandaloneCluster cluster;
  private final Command driver;

  Disturbance(StandaloneCluster cluster, Command driver) {
    this.cluster = cluster;
    this.driver = driver;
  }

  /** Stops one executor until Spark has started a copy of its task on the other machine. */
  void stallAnExecutor() throws IOException, InterruptedException {
    // One that had no task yet may not have met the driver, and would be missed by nobody.
    Await.until("tasks on both workers", PATIENCE_SECONDS, () -> hasWorked(0) && hasWorked(1));
    ProcessHandle executor = cluster.executors(1).get(0);
    signal("STOP", executor);
    try {
      Await.until("a copy of a slow task", PATIENCE_SECONDS, this::isCopyStarted);
    } finally {
      signal("CONT", executor);
    }
  }

  /** Whether the driver has given a task to a worker's executor. */
  private boolean hasWorked(int worker) {
    List<ProcessHandle> executors = cluster.executors(worker);
    return !executors.isEmpty()
        && driver.output().contains(", executor " + id(executors.get(0)) + ", partition ");
  }

  /** Spark's number of an executor, which its command line has. */
  private static String id(ProcessHandle executor) {
    try {
      List<String> arguments =
          List.of(
              Files.readString(Path.of("/proc", Long.toString(executor.pid()), "cmdline"))
                  .split("\0"));
      return arguments.get(arguments.indexOf("--executor-id") + 1);
    } catch (IOException gone) {
      return "none";
    }
  }

  private boolean isCopyStarted() {
    String log = driver.output();
    Matcher slow = SLOW_TASK.matcher(log);
    while (slow.find()) {
      String copy = "Starting task %s\\.[1-9]\\d* in stage %s ";
      Pattern started =
          Pattern.compile(copy.formatted(slow.group(1), Pattern.quote(slow.group(2))));
      if (started.matcher(log).find(slow.end())) {
        return true;
      }
    }
    return false;
  }

  /** Removes map output as soon as it is written, until reading it has failed. */
  void loseMapOutput() throws IOException, InterruptedException {
    Set<Path> before = mapOutput();
    Await.until(
        "a failure to fetch map output",
        PATIENCE_SECONDS,
        () -> {
          for (Path file : mapOutput()) {
            if (before.add(file)) {
              Files.deleteIfExists(file);
            }
          }
          return driver.output().contains("FetchFailed(");
        });
  }

  private Set<Path> mapOutput() throws IOException {
    Set<Path> found = new HashSet<>();
    for (int worker = 0; worker < 2; worker++) {
      if (Files.exists(cluster.localFiles(worker))) {
        try (Stream<Path> files = Files.walk(cluster.localFiles(worker))) {
          files.filter(file -> file.toString().endsWith(".index")).forEach(found::add);
        } catch (UncheckedIOException removedMeanwhile) {
          // Spark cleans up behind itself.
        }
      }
    }
    return found;
  }

  /** A worker is told that its machine goes away; its executors work until they have moved. */
  void decommission() throws IOException, InterruptedException {
    assertThat(cluster.executors(1)).isNotEmpty();
    signal("PWR", cluster.worker(1));
    Await.until(
        "the worker's executors go", PATIENCE_SECONDS, () -> cluster.executors(1).isEmpty());
  }

  private static void signal(String name, ProcessHandle process)
      throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }
}
