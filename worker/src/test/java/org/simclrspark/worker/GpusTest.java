package org.simclrspark.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.simclrspark.worker.Gpus.Gpu;

class GpusTest {

  private static final String H100 = "0, GPU-8a5f, NVIDIA H100 80GB HBM3, 580.65.06, 9.0";
  private static final String T4 = "1, GPU-11aa, Tesla T4, 580.65.06, 7.5";

  @TempDir Path folder;

  private static Gpu of(String driver, String capability) {
    return Gpu.parse("0, GPU-1, Card, " + driver + ", " + capability);
  }

  @Test
  void areReadFromTheDriversTool() throws Exception {
    Path tool = folder.resolve("nvidia-smi");
    Files.writeString(tool, "#!/bin/sh\necho '" + H100 + "'\necho '" + T4 + "'\n");
    assertThat(tool.toFile().setExecutable(true)).isTrue();
    assertThat(Gpus.all(tool.toString()))
        .containsExactly(
            new Gpu(0, "GPU-8a5f", "NVIDIA H100 80GB HBM3", "580.65.06", 9, 0),
            new Gpu(1, "GPU-11aa", "Tesla T4", "580.65.06", 7, 5));
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
    List<Gpu> all = List.of(Gpu.parse(H100), Gpu.parse(T4));
    assertThat(Gpus.at(all, "1").name()).isEqualTo("Tesla T4");
    assertThat(Gpus.at(all, "GPU-8a5f").index()).isZero();
    assertThat(Gpus.at(all, "MIG-3b1c").index()).isZero();
    assertThatThrownBy(() -> Gpus.at(all, "2")).hasMessageContaining("found 2; use deploy/gpu");
    assertThatThrownBy(() -> Gpus.at(all, null)).hasMessageContaining("exactly one, found none");
    assertThatThrownBy(() -> Gpus.at(all, "0,1")).hasMessageContaining("exactly one, found 0,1");
    assertThatThrownBy(() -> Gpus.at(List.of(), "0")).hasMessageContaining("found none. Install");
  }

  @Test
  void automaticIsLibtorchWhereSparkGaveAGpuAndTheBuildIsForGpus() {
    assertThat(Gpus.suitable(true, true)).isEqualTo(EngineKind.LIBTORCH);
    assertThat(Gpus.suitable(true, false)).isEqualTo(EngineKind.ONEDNN);
    assertThat(Gpus.suitable(false, true)).isEqualTo(EngineKind.ONEDNN);
  }
}
