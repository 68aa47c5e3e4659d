package org.simclrspark.worker.libtorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.simclrspark.worker.machine.DeviceException;
import org.simclrspark.worker.machine.GpuDevice;
import org.simclrspark.worker.machine.LibtorchLibraries;

/** Needs no GPU: what CUDA would read is read back from the process. */
class CudaEnvironmentTest {

  private static final String VISIBLE = "CUDA_VISIBLE_DEVICES";
  private static final GpuDevice CARD = new GpuDevice(1, "GPU-11aa", "Card", "580.65.06", 9, 0);
  private static final GpuDevice PART = new GpuDevice(1, "MIG-3b1c", "Card", "580.65.06", 9, 0);

  @BeforeAll
  static void load() {
    LibtorchLibraries.load();
  }

  /**
   * A variable that is empty cannot be told from one that is not set, nor be unset, by libtorch.
   */
  @BeforeEach
  @AfterEach
  void clear() {
    torch.set_env(CudaEnvironment.WORKSPACE, ":4096:8", true);
    torch.set_env(VISIBLE, "0,1", true);
    torch.set_env("CUDA_DEVICE_ORDER", "PCI_BUS_ID", true);
  }

  @Test
  void setsWhatTheSameBitsNeedWhereNobodyHas() {
    assertThat(CudaEnvironment.prepare(CARD)).isEqualTo(1);
    assertThat(CudaEnvironment.value(CudaEnvironment.WORKSPACE)).isEqualTo(":4096:8");
    assertThat(CudaEnvironment.value("CUDA_DEVICE_ORDER")).isEqualTo("PCI_BUS_ID");
  }

  @Test
  void leavesTheOtherSizeThatGivesTheSameBits() {
    torch.set_env(CudaEnvironment.WORKSPACE, ":16:8", true);
    CudaEnvironment.prepare(CARD);
    assertThat(CudaEnvironment.value(CudaEnvironment.WORKSPACE)).isEqualTo(":16:8");
    assertThat(CudaEnvironment.workspace()).isEqualTo(":16:8");
  }

  @Test
  void refusesSizesThatMayGiveOthers() {
    torch.set_env(CudaEnvironment.WORKSPACE, ":0:0", true);
    assertThatThrownBy(() -> CudaEnvironment.prepare(CARD))
        .isInstanceOf(DeviceException.class)
        .hasMessage(
            "CUBLAS_WORKSPACE_CONFIG must be :4096:8 or :16:8, for the same bits each time, found"
                + " :0:0. Unset it, for executors spark.executorEnv.CUBLAS_WORKSPACE_CONFIG.");
  }

  @Test
  void refusesToCountInAnotherOrderThanSpark() {
    torch.set_env("CUDA_DEVICE_ORDER", "FASTEST_FIRST", true);
    assertThatThrownBy(() -> CudaEnvironment.prepare(CARD))
        .isInstanceOf(DeviceException.class)
        .hasMessage(
            "CUDA_DEVICE_ORDER must be PCI_BUS_ID, the order of the addresses that Spark gives,"
                + " found FASTEST_FIRST. Unset it, for executors"
                + " spark.executorEnv.CUDA_DEVICE_ORDER.");
  }

  @Test
  void findsACardAmongThoseThatCudaShows() {
    torch.set_env(VISIBLE, "1", true);
    assertThat(CudaEnvironment.prepare(CARD)).isZero();
    torch.set_env(VISIBLE, "0", true);
    assertThatThrownBy(() -> CudaEnvironment.prepare(CARD))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("found 1 while CUDA_VISIBLE_DEVICES is 0. Unset it");
  }

  @Test
  void takesThePartThatCudaShows() {
    torch.set_env(VISIBLE, "MIG-3b1c", true);
    assertThat(CudaEnvironment.prepare(PART)).isZero();
    // A process sees one part alone.
    torch.set_env(VISIBLE, "MIG-77aa,MIG-3b1c", true);
    assertThatThrownBy(() -> CudaEnvironment.prepare(PART))
        .hasMessageContaining("found MIG-3b1c while CUDA_VISIBLE_DEVICES is MIG-77aa,MIG-3b1c")
        .hasMessageContaining("spark.executor.resource.gpu.amount=1");
  }
}
