package org.simclrspark.worker.machine;

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

  /** Counts the GPUs that CUDA sees. */
  @FunctionalInterface
  interface Counter {
    int count() throws ReflectiveOperationException;
  }

  /** Whether ND4J runs on CUDA in this JVM: whether this is a build with the profile cuda. */
  static boolean cuda() {
    Natives.prepare();
    return Natives.cudaBuild();
  }

  /**
   * Makes sure that CUDA works here, before ND4J tries to.
   *
   * @throws DeviceException where it cannot be loaded or sees no GPU
   */
  static void requireCuda() {
    requireGpu(
        () -> {
          // Only a build with the profile cuda has this class.
          Class<?> runtime = Class.forName("org.bytedeco.cuda.global.cudart");
          int[] count = new int[1];
          Object status = runtime.getMethod("cudaGetDeviceCount", int[].class).invoke(null, count);
          return ((Integer) status) == 0 ? count[0] : 0;
        });
  }

  static void requireGpu(Counter counter) {
    String found;
    Throwable failure = null;
    try {
      int count = counter.count();
      if (count > 0) {
        return;
      }
      found = "none";
    } catch (ReflectiveOperationException | LinkageError e) {
      failure = e;
      Throwable root = e;
      while (root.getCause() != null) {
        root = root.getCause();
      }
      found = "none (" + root.getMessage() + ")";
    }
    throw new DeviceException(
        "A build with the profile cuda needs a GPU that CUDA 11.6 sees, in the driver and in"
            + " executors, found "
            + found
            + ". Install NVIDIA's driver, CUDA 11.6 and cuDNN 8.3 here, or build without the"
            + " profile to run on CPUs: mvn clean package",
        failure);
  }

  /** The GPU of the Spark task that runs on this thread; the first one outside of tasks. */
  public static int ofTask() {
    TaskContext task = TaskContext.get();
    return task == null ? 0 : index(task.resourcesJMap());
  }

  /**
   * The GPU among a task's resources.
   *
   * @return its index as CUDA counts the visible devices
   * @throws DeviceException where Spark gave none, several, or one without an index
   */
  static int index(Map<String, ResourceInformation> resources) {
    ResourceInformation gpu = resources.get(RESOURCE);
    if (gpu == null || gpu.addresses().length != 1) {
      throw new DeviceException(
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
      throw new DeviceException(
          "A GPU's address must be its index, found "
              + address
              + "; use deploy/gpu-discovery.sh as spark.executor.resource.gpu.discoveryScript",
          e);
    }
  }

  /** What the thread of an engine on ND4J does first: binds itself to the task's GPU, if any. */
  public static Runnable binding() {
    if (!cuda()) {
      return Natives::limitThread;
    }
    int gpu = ofTask();
    return () -> bind(gpu);
  }

  /** Binds the calling thread to a GPU after checking that ND4J has code for it. */
  static void bind(int gpu) {
    NativeOps library = NativeOpsHolder.getInstance().getDeviceNativeOps();
    int count = library.getAvailableDevices();
    if (gpu < 0 || gpu >= count) {
      throw new DeviceException(
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
   *
   * @param gpu its index
   * @param major of its compute capability
   * @param minor of its compute capability
   * @throws DeviceException that names the GPU
   */
  public static void check(int gpu, int major, int minor) {
    if (major < 3 || (major == 3 && minor < 7) || major > 8) {
      throw new DeviceException(
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
