package org.simclrspark.driver.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.driver.SimclrProcess;

/** The command that proves a GPU, on the CPU: by the same code, in small sizes. */
@Tag("slow")
class BenchGpuCommandTest {

  @TempDir Path directory;

  @Test
  void provesTheEngineAndSaysThatItIsTheCpu() throws Exception {
    SimclrProcess process =
        SimclrProcess.startWithLibtorch(directory, List.of("bench", "gpu", "--threads", "1"));
    assertThat(process.exitStatus()).as(process.output()).isZero();
    List<String> lines = process.output().lines().toList();
    assertThat(process.output()).contains("This build is for CPUs").doesNotContain("OTHER BITS");

    JsonNode found = new ObjectMapper().readTree(lines.get(lines.size() - 1));
    assertThat(found.get("gpu").asBoolean()).isFalse();
    assertThat(found.get("proven").asBoolean()).isTrue();
    assertThat(found.get("training").get("parameters_sha256").asText()).hasSize(64);
    assertThat(values(found, "rates", "gemm_gflops")).hasSize(2).allMatch(rate -> rate > 0.1);
    // Rounding decides a few activations and maxima, others on each kind of processor.
    assertThat(values(found, "proofs", "gradient_difference"))
        .hasSize(2)
        .allMatch(difference -> difference > 0 && difference < 5e-3);
    assertThat(values(found, "encoders", "views_per_second")).hasSize(6).allMatch(rate -> rate > 0);
    for (String bytes : List.of("bytes_in", "bytes_out")) {
      List<Double> moved = values(found, "encoders", bytes);
      List<Double> ideal = values(found, "encoders", bytes + "_ideal");
      for (int i = 0; i < moved.size(); i++) {
        assertThat(moved.get(i) / ideal.get(i)).as(bytes).isBetween(0.99, 1.2);
      }
    }
    assertThat(values(found, "loss", "gradient_difference"))
        .hasSize(1)
        .allMatch(difference -> difference > 0 && difference < 1e-5);
    assertThat(found.get("memory").get("micro_batches").asInt()).isEqualTo(100);
  }

  private static List<Double> values(JsonNode found, String list, String name) {
    List<Double> values = new ArrayList<>();
    found.get(list).forEach(entry -> values.add(entry.get(name).asDouble()));
    return values;
  }
}
