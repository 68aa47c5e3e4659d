package org.simclrspark.driver.overview;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.overview.RunStatus.Phase;

/** What goes wrong with a report is one line, and no reason for the training to wait or to end. */
class RunReportTest {

  @TempDir Path directory;
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Configuration hadoop = new Configuration();

  private RunReport report(Path run, String... settings) throws Exception {
    SimclrConfig config = SimclrConfig.of(settings);
    Files.createDirectories(directory.resolve("run"));
    Files.writeString(directory.resolve("run/config.conf"), config.render());
    return new RunReport(new org.apache.hadoop.fs.Path(run.toUri()), config, hadoop, lines::add);
  }

  private static Map<String, Object> step(int step) {
    return Map.of("step", step, "time", 1e9 + step, "loss", 1.0 / step);
  }

  @Test
  void writesPageStatusAndEvents() throws Exception {
    try (RunReport report = report(directory.resolve("run"), "data.train=t")) {
      report.started(4, 2);
      for (int step = 1; step <= 4; step++) {
        report.appended(step(step));
      }
      report.amended(4, Map.of("knn_accuracy", 0.25));
      report.ended(Phase.FINISHED, null);
    }
    assertThat(lines).isEmpty();
    assertThat(directory.resolve("run/report.html")).content().contains("\"state\":\"finished\"");
    assertThat(directory.resolve("run/status.json"))
        .content()
        .contains("\"phase\":\"finished\"", "\"last_step\":4", "\"knn_accuracy\":0.25");
    try (var files = Files.list(directory.resolve("run"))) {
      assertThat(files).anyMatch(file -> file.toString().contains("events.out.tfevents."));
    }
  }

  @Test
  void leavesOutWhatTheConfigurationSwitchesOff() throws Exception {
    try (RunReport report =
        report(
            directory.resolve("run"),
            "data.train=t",
            "report.html=false",
            "report.tensorboard=false")) {
      report.started(1, 1);
      report.appended(step(1));
      report.draw(() -> lines.add("drawn"));
      report.ended(Phase.FINISHED, null);
    }
    try (var files = Files.list(directory.resolve("run"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("config.conf", "status.json");
    }
    assertThat(lines).isEmpty();
  }

  @Test
  void aDirectoryThatCannotBeWrittenIsALineForEachKindOfFile() throws Exception {
    Files.writeString(directory.resolve("blocked"), "a file where the run should be");
    try (RunReport report = report(directory.resolve("blocked/run"), "data.train=t")) {
      report.started(300, 1);
      for (int step = 1; step <= 300; step++) {
        report.appended(step(step));
        report.saving();
      }
      report.ended(Phase.FAILED, "because");
    }
    assertThat(lines).hasSizeBetween(1, 3).allMatch(line -> line.startsWith("Warning: "));
    assertThat(lines).doesNotHaveDuplicates();
  }

  @Test
  void aStorageThatHangsHoldsNothingUp() throws Exception {
    CountDownLatch answers = new CountDownLatch(1);
    long start = System.nanoTime();
    RunReport report = report(directory.resolve("run"), "data.train=t");
    report.started(10_000, 100);
    report.draw(
        () -> {
          try {
            answers.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    for (int step = 1; step <= 10_000; step++) {
      report.appended(step(step));
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    assertThat(lines).isNotEmpty().allMatch(line -> line.contains("storage is too slow"));
    answers.countDown();
    report.close();
  }

  @Test
  void whatATaskThrowsGoesNoFurther() throws Exception {
    try (RunReport report = report(directory.resolve("run"), "data.train=t")) {
      report.draw(
          () -> {
            throw new OutOfMemoryError("Java heap space");
          });
      report.started(1, 1);
      report.appended(step(1));
      report.ended(Phase.FINISHED, null);
    }
    assertThat(lines).hasSize(1);
    assertThat(directory.resolve("run/report.html")).exists();
  }
}
