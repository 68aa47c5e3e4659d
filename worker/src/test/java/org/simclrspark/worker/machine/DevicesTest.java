package org.simclrspark.worker.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.resource.ResourceInformation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DevicesTest {

  private static final Path SCRIPT =
      Path.of("..", "deploy", "gpu-discovery.sh").toAbsolutePath().normalize();

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"3, 7", "5, 0", "6, 1", "7, 0", "7, 5", "8, 0", "8, 6", "8, 9"})
  void knownGpusAreTaken(int major, int minor) {
    assertThatCode(() -> Devices.check(0, major, minor)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({"3, 5", "2, 1", "9, 0", "10, 0", "12, 0"})
  void unknownGpusAreNamed(int major, int minor) {
    assertThatThrownBy(() -> Devices.check(2, major, minor))
        .hasMessageStartingWith(
            "nd4j-cuda 11.6 runs on compute capability 3.7 to 8.9; GPU 2 is "
                + major
                + "."
                + minor);
  }

  @Test
  void aTasksAddressPicksItsGpu() {
    assertThat(Devices.index(Map.of("gpu", gpus("3")))).isEqualTo(3);
    assertThatThrownBy(() -> Devices.index(Map.of())).hasMessageContaining("found none");
    assertThatThrownBy(() -> Devices.index(Map.of("gpu", gpus("0", "1"))))
        .hasMessageContaining("found 0, 1");
    assertThatThrownBy(() -> Devices.index(Map.of("gpu", gpus("GPU-8a"))))
        .hasMessageContaining("found GPU-8a");
  }

  @Test
  void withoutAGpuTheBuildForGpusSaysWhatItNeeds() {
    assertThatCode(() -> Devices.requireGpu(() -> 1)).doesNotThrowAnyException();
    assertThatThrownBy(() -> Devices.requireGpu(() -> 0))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("needs a GPU that CUDA 11.6 sees")
        .hasMessageContaining("found none. Install");
    assertThatThrownBy(
            () ->
                Devices.requireGpu(
                    () -> {
                      throw new UnsatisfiedLinkError("libcuda.so.1: cannot open");
                    }))
        .hasMessageContaining("found none (libcuda.so.1: cannot open). Install");
  }

  private static ResourceInformation gpus(String... addresses) {
    return new ResourceInformation("gpu", addresses);
  }

  @Test
  void theScriptReportsMadeUpAddresses() throws Exception {
    ProcessBuilder script = new ProcessBuilder(SCRIPT.toString());
    script.environment().put("SIMCLR_GPU_ADDRESSES", "1 4");
    ResourceInformation found = ResourceInformation.parseJson(output(script));
    assertThat(found.name()).isEqualTo("gpu");
    assertThat(found.addresses()).containsExactly("1", "4");
  }

  @Test
  void theScriptAsksTheDriversTool() throws Exception {
    Path tool = folder.resolve("nvidia-smi");
    Files.writeString(
        tool,
        """
        #!/bin/sh
        [ "$1" = -L ] || exit 2
        cat <<'LIST'
        GPU 0: Tesla T4 (UUID: GPU-11aa)
        GPU 1: NVIDIA A100-PCIE-40GB (UUID: GPU-e86c)
          MIG 3g.20gb     Device  0: (UUID: MIG-c738)
          MIG 3g.20gb     Device  1: (UUID: MIG-a28a)
        GPU 10: Tesla T4 (UUID: GPU-22bb)
        LIST
        """);
    assertThat(tool.toFile().setExecutable(true)).isTrue();
    ProcessBuilder script = new ProcessBuilder(SCRIPT.toString());
    script.environment().put("PATH", folder + ":" + System.getenv("PATH"));
    // Of a GPU in parts, the parts: it is nothing that can be computed on.
    assertThat(ResourceInformation.parseJson(output(script)).addresses())
        .containsExactly("0", "MIG-c738", "MIG-a28a", "10");
  }

  private static String output(ProcessBuilder builder) throws Exception {
    Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return text;
  }
}
