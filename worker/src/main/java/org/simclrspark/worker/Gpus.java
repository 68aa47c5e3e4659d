package org.simclrspark.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.List;
import java.util.Optional;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;
import org.simclrspark.worker.libtorch.LibtorchLibraries;

/** The GPUs of this machine, as NVIDIA's driver tells of them, and which engine each can run. */
public final class Gpus {

  /** What Spark calls GPUs in {@code spark.task.resource.gpu.amount}. */
  private static final String RESOURCE = "gpu";

  /** The first driver for CUDA 13, which libtorch is built with. */
  static final int DRIVER = 580;

  private Gpus() {}

  /**
   * A GPU.
   *
   * @param index as CUDA counts
   * @param uuid such as GPU-8a5f...
   * @param name such as NVIDIA H100
   * @param driver version of the driver, such as 580.65.06
   * @param major of its compute capability
   * @param minor of its compute capability
   */
  public record Gpu(int index, String uuid, String name, String driver, int major, int minor) {

    /** Reads a line of nvidia-smi. */
    static Gpu parse(String line) {
      String[] fields = line.split("\\s*,\\s*", -1);
      if (fields.length != 5 || !fields[4].matches("\\d+\\.\\d+")) {
        throw new DeviceException(
            "nvidia-smi must tell index, uuid, name, driver and compute capability of each GPU,"
                + " found "
                + line
                + ". Update NVIDIA's driver.");
      }
      String[] capability = fields[4].split("\\.", -1);
      return new Gpu(
          Integer.parseInt(fields[0]),
          fields[1],
          fields[2],
          fields[3],
          Integer.parseInt(capability[0]),
          Integer.parseInt(capability[1]));
    }

    /**
     * Whether the build of libtorch has machine code for it: it holds that of 7.5, 8.0, 9.0, 10.0
     * and 12.0, which later minor versions run, and nothing that the driver could translate.
     */
    boolean runsLibtorch() {
      return (major == 7 && minor >= 5) || (major >= 8 && major <= 10) || major == 12;
    }

    private int driverMajor() {
      String first = driver.split("\\.", -1)[0];
      return first.matches("\\d+") ? Integer.parseInt(first) : 0;
    }
  }

  /** The GPUs that nvidia-smi tells of; none where there is no nvidia-smi. */
  public static List<Gpu> all() {
    return all("nvidia-smi");
  }

  static List<Gpu> all(String tool) {
    try {
      Process process =
          new ProcessBuilder(
                  tool,
                  "--query-gpu=index,uuid,name,driver_version,compute_cap",
                  "--format=csv,noheader")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
        List<String> found = lines.lines().filter(line -> !line.isBlank()).toList();
        return process.waitFor() == 0 ? found.stream().map(Gpu::parse).toList() : List.of();
      }
    } catch (IOException notThere) {
      return List.of();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    }
  }

  /** The engine that {@link EngineKind#AUTO} means here. */
  static EngineKind suitable() {
    if (Natives.cudaBuild()) {
      return EngineKind.ND4J;
    }
    boolean gpuOfTask = TaskContext.get() != null && address().isPresent();
    return suitable(gpuOfTask, LibtorchLibraries.isPresent() && LibtorchLibraries.isForGpus());
  }

  static EngineKind suitable(boolean gpuOfTask, boolean libtorchForGpus) {
    return gpuOfTask && libtorchForGpus ? EngineKind.LIBTORCH : EngineKind.ONEDNN;
  }

  /**
   * The GPU for an engine on libtorch, or -1 for the CPU: the first one outside of tasks.
   *
   * @throws DeviceException where it, its driver or its address cannot serve
   */
  static int forLibtorch() {
    if (!LibtorchLibraries.isForGpus()) {
      return -1;
    }
    List<Gpu> all = all();
    Gpu gpu = TaskContext.get() == null ? first(all) : at(all, address().orElse(null));
    require(gpu);
    return gpu.index();
  }

  private static Optional<String> address() {
    ResourceInformation gpu = TaskContext.get().resourcesJMap().get(RESOURCE);
    return gpu == null ? Optional.empty() : Optional.of(String.join(",", gpu.addresses()));
  }

  private static Gpu first(List<Gpu> all) {
    if (all.isEmpty()) {
      throw new DeviceException(
          "A build with the profile libtorch-gpu needs a GPU that NVIDIA's driver sees, found none."
              + " Install the driver (580 or newer), or build without the profile to run on CPUs:"
              + " mvn clean package");
    }
    return all.get(0);
  }

  /**
   * The GPU at an address that Spark gave: an index, a UUID, or that of a part of it (MIG), of
   * which CUDA shows a process the one that CUDA_VISIBLE_DEVICES names.
   */
  static Gpu at(List<Gpu> all, String address) {
    first(all);
    if (address == null || address.contains(",")) {
      throw new DeviceException(
          "A task on a GPU needs exactly one, found "
              + (address == null ? "none" : address)
              + "; set spark.executor.resource.gpu.amount,"
              + " spark.executor.resource.gpu.discoveryScript=deploy/gpu-discovery.sh and"
              + " spark.task.resource.gpu.amount=1");
    }
    if (address.startsWith("MIG-")) {
      return all.get(0);
    }
    return all.stream()
        .filter(gpu -> address.equals(Integer.toString(gpu.index())) || gpu.uuid().equals(address))
        .findFirst()
        .orElseThrow(
            () ->
                new DeviceException(
                    "A GPU's address must be the index or UUID of one that nvidia-smi lists, found "
                        + address
                        + "; use deploy/gpu-discovery.sh as"
                        + " spark.executor.resource.gpu.discoveryScript"));
  }

  /**
   * Refuses a GPU or driver that libtorch cannot use.
   *
   * @throws DeviceException that names both and the remedy
   */
  static void require(Gpu gpu) {
    if (gpu.driverMajor() < DRIVER) {
      throw new DeviceException(
          "libtorch needs NVIDIA's driver "
              + DRIVER
              + " or newer, for CUDA 13, found "
              + gpu.driver()
              + ". Update the driver, or build with the profile cuda for ND4J on CUDA 11.6.");
    }
    if (!gpu.runsLibtorch()) {
      throw new DeviceException(
          "libtorch runs on compute capability 7.5 to 10.x and 12.x; GPU "
              + gpu.index()
              + " ("
              + gpu.name()
              + ") is "
              + gpu.major()
              + "."
              + gpu.minor()
              + ". Use another GPU, build with the profile cuda for ND4J (3.7 to 8.9), or set"
              + " worker.engine=onednn to run on CPUs.");
    }
  }
}
