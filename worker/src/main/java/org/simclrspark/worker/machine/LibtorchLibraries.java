package org.simclrspark.worker.machine;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.global.torch;
import org.simclrspark.data.NativeFolder;

/**
 * Loads libtorch from this program's own jars, whatever other libtorch the machine has.
 *
 * <p>JavaCPP loads {@code libtorch.so} before it has unpacked {@code libtorch_cpu.so}, so that the
 * linker looks for that in the system's folders and in {@code LD_LIBRARY_PATH}, and a libtorch of
 * another version crashes the process. A library that is loaded already is found by its name: so
 * all are unpacked first, and then loaded in the order in which they need each other.
 */
public final class LibtorchLibraries {

  static final String CPU = "/org/bytedeco/pytorch/linux-x86_64/";
  static final String GPU = "/org/bytedeco/pytorch/linux-x86_64-gpu/";

  /** What JavaCPP must be told to find the build for GPUs, unless it looks for no extension. */
  public static final String GPU_EXTENSION = "-gpu";

  /** Each behind those it needs; builds for CPUs have those without CUDA alone. */
  private static final List<String> LIBRARIES =
      List.of(
          "libgomp.so.1",
          "libc10.so",
          "libtorch_cpu.so",
          "libc10_cuda.so",
          "libtorch_cuda.so",
          "libtorch.so");

  private static boolean loaded;

  private LibtorchLibraries() {}

  /**
   * Loads them once.
   *
   * @throws DeviceException where the class path has no build of libtorch, or two
   * @throws NativeFolder.NativeFolderException where they cannot be unpacked or loaded
   */
  public static synchronized void load() {
    if (loaded) {
      return;
    }
    NativeFolder.choose();
    String folder = folder(has(CPU), has(GPU));
    try {
      // libtorch_cpu.so names OpenBLAS, which is likewise to be found loaded.
      Loader.load(openblas.class);
      for (File library : unpack(folder)) {
        System.load(library.getPath());
      }
      Loader.load(torch.class);
    } catch (IOException e) {
      throw NativeFolder.failed(e);
    } catch (LinkageError e) {
      throw folder.equals(GPU) && isOfTheMachine(e) ? missing(e) : NativeFolder.failed(e);
    }
    loaded = true;
  }

  /** Whether the class path has a build of libtorch for CPUs or GPUs. */
  public static boolean isPresent() {
    return has(CPU) || has(GPU);
  }

  /** Whether the build of libtorch on the class path is one for GPUs. */
  public static boolean isForGpus() {
    return has(GPU);
  }

  private static boolean has(String folder) {
    return torch.class.getResource(folder + "libtorch_cpu.so") != null;
  }

  /**
   * The folder of the build to load.
   *
   * @throws DeviceException unless there is exactly one: two in one process abort it
   */
  static String folder(boolean forCpus, boolean forGpus) {
    if (forCpus && forGpus) {
      throw new DeviceException(
          "The class path must have libtorch's natives for CPUs or those for GPUs, found both,"
              + " which would abort the process. Remove pytorch-*-linux-x86_64.jar, or build with"
              + " one of the profiles libtorch and libtorch-gpu: mvn -Plibtorch-gpu clean package");
    }
    if (!forCpus && !forGpus) {
      throw new DeviceException(
          "worker.engine=libtorch needs libtorch's natives, found none on the class path. Build"
              + " with the profile libtorch-gpu, or libtorch for CPUs: mvn -Plibtorch clean"
              + " package");
    }
    return forGpus ? GPU : CPU;
  }

  /** Whether the linker has not found a library that is none of ours. */
  private static boolean isOfTheMachine(LinkageError error) {
    return String.valueOf(error.getMessage()).contains("cannot open shared object file");
  }

  static DeviceException missing(LinkageError error) {
    return new DeviceException(
        "libtorch for GPUs needs CUDA 13's libraries and cuDNN 9 in the linker's path, found: "
            + error.getMessage()
            + ". Install them, and name their folders in LD_LIBRARY_PATH, for executors in"
            + " spark.executorEnv.LD_LIBRARY_PATH.",
        error);
  }

  private static List<File> unpack(String folder) throws IOException {
    List<File> files = new ArrayList<>();
    for (String library : LIBRARIES) {
      File file = Loader.cacheResource(torch.class, folder + library);
      if (file != null) {
        files.add(file);
      }
    }
    return files;
  }
}
