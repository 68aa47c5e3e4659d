package org.simclrspark.driver.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.driver.SimclrProcess;
import org.simclrspark.driver.TinyTraining;

/** A short version of the chaos command, on a real standalone cluster. */
@Tag("slow")
class BenchChaosCommandTest {

  @TempDir private Path directory;

  @Test
  void killedExecutorsAndDriversLeaveTheBitsAsTheyAre() throws Exception {
    SimclrProcess bench =
        SimclrProcess.start(
            directory,
            List.of(),
            List.of(
                "bench",
                "chaos",
                "--kills=2",
                "--driver-kills=1",
                "--steps=7",
                "--seed=4",
                "--images=" + TinyTraining.images()));
    // Two trainings, and a driver that starts again.
    assertThat(bench.exitStatus(900)).as(bench.output()).isZero();
    List<String> lines = bench.output().lines().toList();
    JsonNode result = new ObjectMapper().readTree(lines.get(lines.size() - 1));
    assertThat(result.get("kills").asInt()).isEqualTo(2);
    assertThat(result.get("driver_kills").asInt()).isEqualTo(1);
    assertThat(result.get("steps").asInt()).isEqualTo(7);
    assertThat(result.get("bits_agree").asBoolean()).isTrue();
  }
}
