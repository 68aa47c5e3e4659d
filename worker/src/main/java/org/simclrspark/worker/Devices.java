package org.simclrspark.worker;

import java.util.Map;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

/** Which device an engine runs on: the GPU that Spark gave to the task, or the CPU. */
public final class Devices {

  /** What Spark calls GPUs in {@code spark.task.resource.gpu.amount}. */
  private static final String RESOURCE = "gpu";

  private Devices() {}

  /** Whether ND4J runs on CUDA in this JVM. */
  static boolean cuda() {
    Natives.prepare();
    return Nd4j.getBackend().getClass().getName().contains("jcublas");
  }

  /** The GPU of the Spark task that runs on this thread; the first one outside of tasks. */
  static int ofTask() {
    TaskContext task = TaskContext.get();
    return task == null ? 0 : index(task.resourcesJMap());
  }

  /**
   * The GPU among a task's resources.
   *
   * @return its index as CUDA counts the visible devices
   * @throws IllegalStateException where Spark gave none, several, or one without an index
   */
  static int index(Map<String, ResourceInformation> resources) {
    ResourceInformation gpu = resources.get(RESOURCE);
    if (gpu == null || gpu.addresses().length != 1) {
      throw new IllegalStateException(
          "A task on a GPU needs exactly one, found "
              + (gpu == null ? "none" : String.join(", ", gpu.addresses()))
              + "; set spark.executor.resource.gpu.amount,"
              + " spark.executor.resource.gpu.discoveryScript=deploy/gpu-discovery.sh and"
              + " spark.task.resource.gpu.amount=1");
    }
    String address = gpu.addresses()[0];
    try {
      return Integer.parseInt(address);
    } catch (NumberFormatException e) {
      throw new IllegalStateException(
          "A GPU's address must be its index, found "
              + address
              + "; use deploy/gpu-discovery.sh as spark.executor.resource.gpu.discoveryScript",
          e);
    }
  }

  /** Binds the calling thread to a GPU after checking that ND4J has code for it. */
  static void bind(int gpu) {
    NativeOps library = NativeOpsHolder.getInstance().getDeviceNativeOps();
    int count = library.getAvailableDevices();
    if (gpu < 0 || gpu >= count) {
      throw new IllegalStateException(
          "GPU "
              + gpu
              + " must be one of the "
              + count
              + " that CUDA sees; check"
              + " CUDA_VISIBLE_DEVICES and the discovery script");
    }
    check(gpu, library.getDeviceMajor(gpu), library.getDeviceMinor(gpu));
    Nd4j.getAffinityManager().unsafeSetDevice(gpu);
  }

  /**
   * Refuses a GPU that nd4j-cuda 11.6 has no code for: it holds machine code for 3.7 to 8.6, which
   * runs up to 8.9, and none that a newer driver could translate.
   */
  static void check(int gpu, int major, int minor) {
    if (major < 3 || (major == 3 && minor < 7) || major > 8) {
      throw new IllegalStateException(
          "nd4j-cuda 11.6 runs on compute capability 3.7 to 8.9; GPU "
              + gpu
              + " is "
              + major
              + "."
              + minor
              + ". Use another GPU, or build without the profile cuda to run on CPUs");
    }
  }
}
