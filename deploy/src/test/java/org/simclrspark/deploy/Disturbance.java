package org.simclrspark.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What happens to executors on an elastic cluster. */
final class Disturbance {

  private static final long STALL_MILLISECONDS = 4000;

  private final StandaloneCluster cluster;

  Disturbance(StandaloneCluster cluster) {
    this.cluster = cluster;
  }

  /** Stops the processes of one machine for some seconds: Spark starts copies of its tasks. */
  void stallAnExecutor() throws IOException, InterruptedException {
    Await.until("executors on both workers", 60, () -> !cluster.executors(1).isEmpty());
    List<ProcessHandle> executors = cluster.executors(1);
    for (ProcessHandle executor : executors) {
      signal("STOP", executor);
    }
    Thread.sleep(STALL_MILLISECONDS);
    for (ProcessHandle executor : executors) {
      signal("CONT", executor);
    }
  }

  /** Removes the map output of two tasks as soon as it is written: reading it fails. */
  void loseMapOutput() throws IOException, InterruptedException {
    Set<Path> before = mapOutput();
    for (int i = 0; i < 2; i++) {
      Await.until("map output", 60, () -> !before.containsAll(mapOutput()));
      Set<Path> written = mapOutput();
      written.removeAll(before);
      for (Path file : written) {
        Files.deleteIfExists(file);
      }
      before.addAll(written);
    }
  }

  private Set<Path> mapOutput() throws IOException {
    Set<Path> found = new HashSet<>();
    for (int worker = 0; worker < 2; worker++) {
      if (Files.exists(cluster.localFiles(worker))) {
        try (Stream<Path> files = Files.walk(cluster.localFiles(worker))) {
          files.filter(file -> file.toString().endsWith(".index")).forEach(found::add);
        } catch (java.io.UncheckedIOException removedMeanwhile) {
          // Spark cleans up behind itself.
        }
      }
    }
    return found;
  }

  /** A worker is told that its machine goes away. */
  void decommission() throws IOException, InterruptedException {
    assertThat(cluster.executors(1)).isNotEmpty();
    signal("PWR", cluster.worker(1));
    Await.until("the worker's executors go", 60, () -> cluster.executors(1).isEmpty());
  }

  private static void signal(String name, ProcessHandle process)
      throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }
}
