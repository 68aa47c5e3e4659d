package org.simclrspark.worker.libtorch;

import java.util.Set;
import org.bytedeco.pytorch.StringOptional;
import org.bytedeco.pytorch.global.torch;
import org.simclrspark.worker.machine.DeviceException;
import org.simclrspark.worker.machine.GpuDevice;

/**
 * What CUDA's libraries read from the environment of the process before they first compute: it is
 * set here, so that nobody need start executors with it.
 */
final class CudaEnvironment {

  /**
   * The memory in which cuBLAS forms its sums. Only fixed sizes give the same bits each time, and
   * libtorch's deterministic algorithms refuse any other (NVIDIA's cuBLAS documentation, 2.1.4).
   */
  static final String WORKSPACE = "CUBLAS_WORKSPACE_CONFIG";

  private static final String VISIBLE = "CUDA_VISIBLE_DEVICES";
  private static final String ORDER = "CUDA_DEVICE_ORDER";
  private static final String PCI_BUS_ID = "PCI_BUS_ID";
  private static final String DEFAULT_WORKSPACE = ":4096:8";
  private static final Set<String> WORKSPACES = Set.of(DEFAULT_WORKSPACE, ":16:8");

  private CudaEnvironment() {}

  /**
   * Sets what is not set, before CUDA first looks, and finds a GPU.
   *
   * @return its index as CUDA counts those that this process sees
   * @throws DeviceException where the process was started with something that cannot serve
   */
  static synchronized int prepare(GpuDevice gpu) {
    String workspace = workspace();
    if (!WORKSPACES.contains(workspace)) {
      throw new DeviceException(
          WORKSPACE
              + " must be :4096:8 or :16:8, for the same bits each time, found "
              + workspace
              + ". Unset it, for executors spark.executorEnv."
              + WORKSPACE
              + ".");
    }
    setDefault(WORKSPACE, workspace);
    // Otherwise CUDA counts the fastest card first, unlike nvidia-smi.
    setDefault(ORDER, PCI_BUS_ID);
    if (!PCI_BUS_ID.equals(value(ORDER))) {
      throw new DeviceException(
          ORDER
              + " must be "
              + PCI_BUS_ID
              + ", the order of the addresses that Spark gives, found "
              + value(ORDER)
              + ". Unset it, for executors spark.executorEnv."
              + ORDER
              + ".");
    }
    if (gpu.isPart()) {
      // CUDA sees no part of a GPU that is not named here, and of those that are the first alone.
      setDefault(VISIBLE, gpu.uuid());
    }
    String visible = value(VISIBLE);
    int index = visible == null ? gpu.index() : gpu.position(visible);
    if (index < 0 || (gpu.isPart() && index > 0)) {
      throw new DeviceException(
          "The GPU that Spark gave to a task must be one that its process sees, found "
              + gpu.address()
              + " while "
              + VISIBLE
              + " is "
              + visible
              + ". Unset it, or give an executor one GPU (spark.executor.resource.gpu.amount=1).");
    }
    return index;
  }

  /** The setting of cuBLAS's memory that is in force, or that will be. */
  static String workspace() {
    String set = value(WORKSPACE);
    return set == null ? DEFAULT_WORKSPACE : set;
  }

  /** The value now, which Java's own view of the environment does not show; null if not set. */
  static String value(String name) {
    try (StringOptional found = torch.get_env(name)) {
      return found.has_value() ? found.get().getString() : null;
    }
  }

  private static void setDefault(String name, String value) {
    torch.set_env(name, value, false);
  }
}
