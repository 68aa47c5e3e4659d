package org.simclrspark.worker.machine;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/**
 * The GPUs of this machine, as NVIDIA's driver tells of them, and whether libtorch runs on each.
 */
public final class Gpus {

  /** What Spark calls GPUs in {@code spark.task.resource.gpu.amount}. */
  private static final String RESOURCE = "gpu";

  private static final String TOOL = "nvidia-smi";

  /** Lines of {@code nvidia-smi -L}. */
  private static final Pattern CARD = Pattern.compile("^GPU (\\d+):");

  private static final Pattern PART = Pattern.compile("^\\s+MIG .*\\(UUID: (MIG-[^)]+)\\)");

  /** The first driver for CUDA 13, which libtorch is built with. */
  static final int DRIVER = 580;

  private Gpus() {}

  /** The GPUs that nvidia-smi tells of; none where there is no nvidia-smi. */
  public static List<GpuDevice> all() {
    return all(TOOL);
  }

  static List<GpuDevice> all(String tool) {
    return lines(
            tool, "--query-gpu=index,uuid,name,driver_version,compute_cap", "--format=csv,noheader")
        .stream()
        .map(GpuDevice::parse)
        .toList();
  }

  /** The GPU that has each part (MIG), by the part's UUID. */
  static Map<String, Integer> parts(String tool) {
    Map<String, Integer> gpus = new HashMap<>();
    int gpu = -1;
    for (String line : lines(tool, "-L")) {
      Matcher card = CARD.matcher(line);
      Matcher part = PART.matcher(line);
      if (card.find()) {
        gpu = Integer.parseInt(card.group(1));
      } else if (part.find()) {
        gpus.put(part.group(1), gpu);
      }
    }
    return gpus;
  }

  /** What the tool prints; nothing where it is not there or fails. */
  private static List<String> lines(String... command) {
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
        List<String> found = lines.lines().filter(line -> !line.isBlank()).toList();
        return process.waitFor() == 0 ? found : List.of();
      }
    } catch (IOException notThere) {
      return List.of();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    }
  }

  /**
   * The GPU for an engine on libtorch, where the build is for GPUs: that of the task, or the first
   * one outside of tasks and in embedded Spark, which gives none to its tasks.
   *
   * @throws DeviceException where there is none, or its address cannot serve
   */
  public static Optional<GpuDevice> forLibtorch() {
    if (!LibtorchLibraries.isForGpus()) {
      return Optional.empty();
    }
    List<GpuDevice> all = all();
    return Optional.of(
        TaskContext.get() == null || isEmbedded()
            ? first(all, System.getenv("CUDA_VISIBLE_DEVICES"))
            : at(all, addressOfTask(), () -> parts(TOOL)));
  }

  /**
   * As {@link #forLibtorch()}, but empty outside of tasks, where Spark gave the task none, and in
   * embedded Spark on a machine without any.
   */
  public static Optional<GpuDevice> offered() {
    boolean isOffered =
        LibtorchLibraries.isForGpus()
            && (isEmbedded() ? !all().isEmpty() : !addressOfTask().isEmpty());
    return isOffered ? forLibtorch() : Optional.empty();
  }

  /** Whether this thread runs a task of a Spark that has its driver in the same process. */
  private static boolean isEmbedded() {
    return TaskContext.get() != null && SparkEnv.get().executorId().equals("driver");
  }

  /** The addresses of the GPUs that Spark gave to the task on this thread; empty without any. */
  public static String addressOfTask() {
    TaskContext task = TaskContext.get();
    ResourceInformation gpu = task == null ? null : task.resourcesJMap().get(RESOURCE);
    return gpu == null ? "" : String.join(",", gpu.addresses());
  }

  /** The first that a process sees, whose CUDA_VISIBLE_DEVICES may be null. */
  static GpuDevice first(List<GpuDevice> all, String visible) {
    return all.stream()
        .filter(gpu -> visible == null || gpu.position(visible) >= 0)
        .findFirst()
        .orElseThrow(
            () ->
                new DeviceException(
                    "A build with the profile libtorch-gpu needs a GPU that NVIDIA's driver sees,"
                        + " found none"
                        + (visible == null ? "" : " while CUDA_VISIBLE_DEVICES is " + visible)
                        + ". Install the driver (580 or newer), or build without the profile to run"
                        + " on CPUs: mvn clean package"));
  }

  /**
   * The GPU at an address that Spark gave: an index, a UUID, or that of a part of it (MIG).
   *
   * @param parts the index of the GPU of each part, by the part's UUID
   */
  static GpuDevice at(List<GpuDevice> all, String address, Supplier<Map<String, Integer>> parts) {
    first(all, null);
    if (address.isEmpty() || address.contains(",")) {
      throw new DeviceException(
          "A task on a GPU needs exactly one, found "
              + (address.isEmpty() ? "none" : address)
              + "; set spark.executor.resource.gpu.amount,"
              + " spark.executor.resource.gpu.discoveryScript=deploy/gpu-discovery.sh and"
              + " spark.task.resource.gpu.amount=1");
    }
    Integer whole = address.startsWith("MIG-") ? parts.get().get(address) : null;
    String card = whole == null ? address : whole.toString();
    return all.stream()
        .filter(gpu -> card.equals(Integer.toString(gpu.index())) || gpu.uuid().equals(card))
        .findFirst()
        .map(gpu -> whole == null ? gpu : gpu.part(address))
        .orElseThrow(
            () ->
                new DeviceException(
                    "A GPU's address must be the index or UUID of one that nvidia-smi -L lists, or"
                        + " the UUID of a part of one, found "
                        + address
                        + "; use deploy/gpu-discovery.sh as"
                        + " spark.executor.resource.gpu.discoveryScript"));
  }

  /**
   * Refuses a GPU or driver that libtorch cannot use.
   *
   * @throws DeviceException that names both and the remedy
   */
  public static void require(GpuDevice gpu) {
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
