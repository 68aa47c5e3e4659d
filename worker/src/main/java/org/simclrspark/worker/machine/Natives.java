package org.simclrspark.worker.machine;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;
import org.simclrspark.data.NativeFolder;

/**
 * Chooses the native build of ND4J before its first class loads, in the driver and in executors.
 *
 * <p>{@link #prepare()} must run before anything of ND4J; everything in this module that uses ND4J
 * calls it.
 */
public final class Natives {

  private static final String EXTENSION = "org.bytedeco.javacpp.platform.extension";
  private static final String FOLDER = "org/nd4j/linalg/cpu/nativecpu/bindings/";

  /** Builds with oneDNN, fastest first, and the CPU feature that each needs. */
  private static final List<List<String>> BUILDS =
      List.of(List.of("-onednn-avx512", "avx512f"), List.of("-onednn-avx2", "avx2"));

  /** What OpenMP reads when it is loaded. */
  private static final String THREADS = "OMP_NUM_THREADS";

  private static boolean prepared;

  private Natives() {}

  /**
   * Sets the system properties that ND4J and JavaCPP read when they load; properties that are set
   * already stay.
   *
   * @throws IllegalStateException where no native build for this machine is on the class path
   * @throws NativeFolder.NativeFolderException where there is no folder to load natives from
   * @throws DeviceException where the build is for GPUs and there is none, or the processor is not
   *     x86-64 with AVX2
   */
  public static synchronized void prepare() {
    if (prepared) {
      return;
    }
    Processor processor = Processor.current();
    processor.requireSupported(hostName());
    processor.requireAll(Isa.current(), hostName());
    NativeFolder.choose();
    setDefault("org.nd4j.log.initialization", "false");
    // JavaCPP's own limits follow the Java heap, which holds none of an engine's memory.
    setDefault("org.bytedeco.javacpp.maxbytes", "0");
    setDefault("org.bytedeco.javacpp.maxphysicalbytes", "0");
    setDefault(EXTENSION, (cudaBuild() ? "-cudnn" : extension(processor)) + ofLibtorch());
    if (cudaBuild()) {
      Devices.requireCuda();
    }
    prepared = true;
  }

  /**
   * Whether ND4J's backend for CUDA is on the class path, which ND4J prefers to the one for CPUs.
   */
  public static boolean cudaBuild() {
    return onClassPath("org/nd4j/linalg/jcublas/JCublasBackend.class");
  }

  /**
   * Limits native libraries to one thread where the calling thread uses them.
   *
   * <p>Only ND4J has a call for that, and takes seconds to start: it is spared where the process
   * was started with the limit.
   */
  public static void limitThread() {
    prepare();
    if ("1".equals(System.getenv(THREADS))) {
      return;
    }
    // The holder of the native library works only after ND4J has chosen its backend.
    Nd4j.getExecutioner();
    NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(1);
  }

  private static String extension(Processor processor) {
    String platform = "linux-x86_64";
    for (List<String> build : BUILDS) {
      String library = FOLDER + platform + build.get(0) + "/libnd4jcpu.so";
      if (processor.has(build.get(1)) && onClassPath(library)) {
        return build.get(0);
      }
    }
    throw new IllegalStateException(
        "ND4J needs a native build with oneDNN for "
            + System.getProperty("os.name")
            + " on "
            + System.getProperty("os.arch")
            + ", found none on the class path; add"
            + " org.nd4j:nd4j-native:1.0.0-M2.1 with the classifier linux-x86_64-onednn-avx2");
  }

  /** JavaCPP takes a list of extensions, and the first that a library has. */
  private static String ofLibtorch() {
    return LibtorchLibraries.isForGpus() ? ":" + LibtorchLibraries.GPU_EXTENSION : "";
  }

  private static boolean onClassPath(String resource) {
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    return Natives.class.getClassLoader().getResource(resource) != null
        || (loader != null && loader.getResource(resource) != null);
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "this machine";
    }
  }

  private static void setDefault(String key, String value) {
    if (System.getProperty(key) == null) {
      System.setProperty(key, value);
    }
  }
}
