package org.simclrspark.driver.overview;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.overview.RunStatus.Phase;
import org.simclrspark.driver.storage.FileSystems;
import org.simclrspark.driver.storage.FileSystems.Kind;
import org.simclrspark.driver.storage.Server;

@ExtendWith(FileSystems.Parameter.class)
class RunListTest {

  private static final String LONG_AGO = "2026-01-01T00:00:00Z";

  @TempDir java.nio.file.Path directory;
  private final Configuration local = new Configuration();

  @ParameterizedTest
  @EnumSource(Kind.class)
  void findsTheRunsUnderADirectoryAnywhere(Kind kind, FileSystems fileSystems) throws Exception {
    Server server = fileSystems.server(kind);
    Path root = server.newDirectory();
    TestRuns.write(new Path(root, "a"), server.configuration(), 60, 0.5, Phase.FINISHED);
    TestRuns.write(new Path(root, "sweep/b"), server.configuration(), 40, 0.1, Phase.STOPPED);
    List<Map<String, Object>> runs = RunList.under(root, server.configuration()).json();
    assertThat(runs).extracting(run -> run.get("name")).containsExactly("a", "sweep/b");
    assertThat(runs).extracting(run -> run.get("state")).containsExactly("finished", "stopped");
    assertThat(runs).extracting(run -> run.get("step")).containsExactly(60L, 40L);
    assertThat(runs).extracting(run -> run.get("knn_accuracy")).containsExactly(0.612, 0.5);
    assertThat(runs).extracting(run -> run.get("checkpoint_step")).containsExactly(60L, 40L);
    assertThat(runs)
        .extracting(run -> run.get("differs"))
        .containsExactly(Map.of("loss.temperature", "0.5"), Map.of("loss.temperature", "0.1"));
  }

  @Test
  void tellsHowEachStands() throws Exception {
    run("failed", Phase.FAILED);
    run("finished", Phase.FINISHED);
    run("gone", Phase.TRAINING);
    // A process of this machine that has ended: no process has the number 0.
    claim("gone", "h-0-1-" + machine() + "-" + "b".repeat(32), Instant.now().toString());
    run("killed", Phase.TRAINING);
    run("running", Phase.TRAINING);
    claim("running", "far-7-1-" + "a".repeat(32) + "-" + "b".repeat(32), Instant.now().toString());
    run("silent", Phase.TRAINING);
    claim("silent", "far-7-1-" + "a".repeat(32) + "-" + "b".repeat(32), LONG_AGO);
    run("stopped", Phase.STOPPED);
    Files.writeString(
        Files.createDirectories(directory.resolve("zz")).resolve("config.conf"),
        "simclr { old-key = 1 }");

    RunList list = RunList.under(new Path(directory.toUri()), local);
    assertThat(list.json())
        .extracting(found -> found.get("name") + " " + found.get("state"))
        .containsExactly(
            "failed failed",
            "finished finished",
            "gone stale",
            "killed stale",
            "running running",
            "silent stale",
            "stopped stopped",
            "zz unreadable");
    String text = String.join("\n", list.lines());
    assertThat(text)
        .contains("The disk is full", "process 7 on far has given no sign of life for", "days")
        .containsPattern("running, \\d+ s ago")
        .contains("old-key", "50.0 %", "step 60, ")
        .doesNotContain("\u001b");
  }

  @Test
  void saysThatThereAreNone() throws Exception {
    Files.createDirectories(directory.resolve("empty/inner"));
    assertThat(RunList.under(new Path(directory.resolve("empty").toUri()), local).lines())
        .containsExactly("No runs: no directory with a config.conf.");
    assertThatThrownBy(() -> RunList.under(new Path(directory.resolve("none").toUri()), local))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("must be a directory with runs in it, found nothing in ");
  }

  private void run(String name, Phase phase) {
    TestRuns.write(new Path(directory.resolve(name).toUri()), local, 60, 0.5, phase);
  }

  private void claim(String run, String owner, String renewed) throws Exception {
    java.nio.file.Path file =
        Files.createDirectories(directory.resolve(run).resolve("lock")).resolve(owner + ".json");
    Files.writeString(
        file,
        "{\"held\":true,\"generation\":1,\"renewals\":1,\"renewed\":\"" + renewed + "\"}",
        UTF_8);
    Files.setLastModifiedTime(file, FileTime.from(Instant.parse(renewed)));
  }

  /** As a lock names the machine that this test runs on. */
  private static String machine() throws Exception {
    return java.util
        .UUID
        .nameUUIDFromBytes(
            (Files.readString(java.nio.file.Path.of("/proc/sys/kernel/random/boot_id"))
                    + Files.readSymbolicLink(java.nio.file.Path.of("/proc/self/ns/pid")))
                .getBytes(UTF_8))
        .toString()
        .replace("-", "");
  }
}
