package org.simclrspark.driver.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.driver.checkpoint.Environment;
import org.simclrspark.driver.checkpoint.States;
import org.simclrspark.driver.checkpoint.TrainingState;

/** Kills and stops real driver processes. */
class KilledDriverTest {

  @TempDir private Path root;

  private Process start(int steps, int stepMillis) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            TrainingProcess.class.getName(),
            root.resolve("run").toUri().toString(),
            "" + steps,
            "" + stepMillis)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private TrainingState latest() {
    return RunDirectory.checkpointsOf(
            new org.apache.hadoop.fs.Path(root.resolve("run").toUri()),
            new Configuration(),
            Environment.current(1),
            line -> {})
        .latest()
        .orElseThrow();
  }

  private static String rest(Process process) throws IOException {
    try (BufferedReader reader = process.inputReader(UTF_8)) {
      return reader.lines().collect(Collectors.joining("\n"));
    }
  }

  private static String readUntil(Process process, String start) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line = process.inputReader(UTF_8).readLine();
        line != null;
        line = process.inputReader(UTF_8).readLine()) {
      lines.add(line);
      if (line.startsWith(start)) {
        return String.join("\n", lines);
      }
    }
    throw new AssertionError("No line starts with " + start + ": " + lines);
  }

  @Test
  void goesOnAfterEachKillWithoutWaitingAndEndsWithTheSameBits() throws Exception {
    Random random = new Random(11);
    int seen = 0;
    for (int kill = 1; kill <= 3; kill++) {
      Process driver = start(1_000_000, 0);
      readUntil(driver, "step " + (seen + 3 + random.nextInt(5)));
      Thread.sleep(0, random.nextInt(900_000));
      driver.destroyForcibly().waitFor();
      TrainingState state = latest();
      States.assertSame(state, TrainingProcess.state(state.step()));
      assertThat(state.step()).isGreaterThan(seen);
      seen = (int) state.step();
    }
    Process last = start(seen + 2, 0);
    String said = rest(last);
    assertThat(last.waitFor()).isZero();
    assertThat(said).contains("Taking the run over", "after step " + seen);
    assertThat(said).doesNotContain("\nstep " + seen + "\n", "waiting");
    States.assertSame(latest(), TrainingProcess.state(seen + 2));
    try (Stream<Path> kept = java.nio.file.Files.list(root.resolve("run/checkpoints"))) {
      assertThat(kept).hasSize(2);
    }
  }

  @Test
  void aSecondDriverStopsAndTheFirstCommitsOnSigterm() throws Exception {
    Process first = start(1_000_000, 20);
    readUntil(first, "step 2");
    Process second = start(1_000_000, 20);
    assertThat(rest(second)).contains("in use by process " + first.pid());
    assertThat(second.waitFor()).isEqualTo(1);
    first.toHandle().destroy();
    String said = rest(first);
    assertThat(first.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(first.exitValue()).isEqualTo(143);
    assertThat(said).contains("SIGTERM received");
    assertThat(said.lines().filter(line -> line.startsWith("step ")))
        .last()
        .isEqualTo("step " + latest().step());
  }

  @Test
  void aStepThatOutlastsThePatienceIsCancelledAndTheOneBeforeIsCommitted() throws Exception {
    Process driver = start(10, 3_600_000);
    readUntil(driver, "ready");
    driver.toHandle().destroy();
    String said = rest(driver);
    assertThat(driver.waitFor()).isEqualTo(143);
    assertThat(said).contains("is given up\nCancelled in step 1: true\nstep 0");
    States.assertSame(latest(), TrainingProcess.state(0));
  }
}
