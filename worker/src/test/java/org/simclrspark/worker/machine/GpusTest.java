package org.simclrspark.worker.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GpusTest {

  private static final String H100 = "0, GPU-8a5f, NVIDIA H100 80GB HBM3, 580.65.06, 9.0";
  private static final String T4 = "1, GPU-11aa, Tesla T4, 580.65.06, 7.5";

  @TempDir Path folder;

  private static GpuDevice of(String driver, String capability) {
    return GpuDevice.parse("0, GPU-1, Card, " + driver + ", " + capability);
  }

  @Test
  void memoryOfSeveralGpusAddsUp() {
    assertThat(GpuMemory.sum(" 12\n3 \n\n")).isEqualTo(15L << 20);
    assertThat(GpuMemory.sum("")).isZero();
  }

  @Test
  void areReadFromTheDriversTool() throws Exception {
    Path tool = folder.resolve("nvidia-smi");
    Files.writeString(tool, "#!/bin/sh\necho '" + H100 + "'\necho '" + T4 + "'\n");
    assertThat(tool.toFile().setExecutable(true)).isTrue();
    assertThat(Gpus.all(tool.toString()))
        .containsExactly(
            new GpuDevice(0, "GPU-8a5f", "NVIDIA H100 80GB HBM3", "580.65.06", 9, 0),
            new GpuDevice(1, "GPU-11aa", "Tesla T4", "580.65.06", 7, 5));
  }

  @Test
  void thereAreNoneWithoutTheToolOrWhereItFails() throws Exception {
    assertThat(Gpus.all(folder.resolve("none").toString())).isEmpty();
    Path tool = folder.resolve("nvidia-smi");
    Files.writeString(tool, "#!/bin/sh\necho 'NVIDIA-SMI has failed'\nexit 9\n");
    assertThat(tool.toFile().setExecutable(true)).isTrue();
    assertThat(Gpus.all(tool.toString())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"7.5", "8.0", "8.6", "8.9", "9.0", "10.0", "10.3", "12.0", "12.1"})
  void libtorchRunsFromTuringToBlackwell(String capability) {
    assertThatCode(() -> Gpus.require(of("580.65.06", capability))).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.7", "6.1", "7.0", "7.2", "11.0", "13.0"})
  void othersAreNamedWithTheRemedy(String capability) {
    assertThatThrownBy(() -> Gpus.require(of("581.0", capability)))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("GPU 0 (Card) is " + capability)
        .hasMessageContaining("profile cuda");
  }

  @Test
  void anOldDriverIsNamedWithTheRemedy() {
    assertThatThrownBy(() -> Gpus.require(of("535.183.01", "9.0")))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("driver 580 or newer, for CUDA 13, found 535.183.01. Update");
  }

  @Test
  void addressesAreIndicesUuidsAndParts() {
    List<GpuDevice> all = List.of(GpuDevice.parse(H100), GpuDevice.parse(T4));
    assertThat(at(all, "1").name()).isEqualTo("Tesla T4");
    assertThat(at(all, "GPU-8a5f").index()).isZero();
    assertThat(at(all, "MIG-3b1c").name()).isEqualTo("Tesla T4");
    assertThat(at(all, "MIG-3b1c").address()).isEqualTo("MIG-3b1c");
    assertThat(at(all, "1").address()).isEqualTo("1");
    for (String unknown : List.of("2", "MIG-ffff", "GPU-8a5")) {
      assertThatThrownBy(() -> at(all, unknown))
          .isInstanceOf(DeviceException.class)
          .hasMessageContaining("found " + unknown + "; use deploy/gpu");
    }
    assertThatThrownBy(() -> at(all, "")).hasMessageContaining("exactly one, found none");
    assertThatThrownBy(() -> at(all, "0,1")).hasMessageContaining("exactly one, found 0,1");
    assertThatThrownBy(() -> at(List.of(), "0")).hasMessageContaining("found none. Install");
  }

  private static GpuDevice at(List<GpuDevice> all, String address) {
    return Gpus.at(all, address, () -> Map.of("MIG-3b1c", 1));
  }

  /** Captured from nvidia-smi -L of a machine whose first GPU is in parts. */
  @Test
  void partsAreReadFromTheDriversTool() throws Exception {
    Path tool = folder.resolve("nvidia-smi");
    Files.writeString(
        tool,
        """
        #!/bin/sh
        [ "$1" = -L ] || exit 2
        cat <<'LIST'
        GPU 0: NVIDIA A100-PCIE-40GB (UUID: GPU-e86cb44c-6756-fd30-cd4a-1e6da3caf9b0)
          MIG 3g.20gb     Device  0: (UUID: MIG-c7384736-a75d-5afc-978f-d2f1294409fd)
          MIG 3g.20gb     Device  1: (UUID: MIG-a28ad590-3fda-56dd-84fc-0a0b96edc58d)
        GPU 1: NVIDIA A100-PCIE-40GB (UUID: GPU-1fd7a4ea-0f5c-4d2e-8b5c-2c0e4ac0a9b1)
        LIST
        """);
    assertThat(tool.toFile().setExecutable(true)).isTrue();
    assertThat(Gpus.parts(tool.toString()))
        .isEqualTo(
            Map.of(
                "MIG-c7384736-a75d-5afc-978f-d2f1294409fd", 0,
                "MIG-a28ad590-3fda-56dd-84fc-0a0b96edc58d", 0));
  }

  @Test
  void cudaCountsThoseThatItShows() {
    GpuDevice second = GpuDevice.parse(T4);
    assertThat(second.position("1")).isZero();
    assertThat(second.position("3, 1")).isEqualTo(1);
    assertThat(second.position("GPU-8a5f,GPU-11")).isEqualTo(1);
    assertThat(second.position("0")).isEqualTo(-1);
    assertThat(second.position("11")).isEqualTo(-1);
    assertThat(second.position("")).isEqualTo(-1);
    List<GpuDevice> all = List.of(GpuDevice.parse(H100), second);
    assertThat(Gpus.first(all, null).index()).isZero();
    assertThat(Gpus.first(all, "1").index()).isEqualTo(1);
    assertThatThrownBy(() -> Gpus.first(all, "7"))
        .hasMessageContaining("found none while CUDA_VISIBLE_DEVICES is 7. Install");
  }
}
