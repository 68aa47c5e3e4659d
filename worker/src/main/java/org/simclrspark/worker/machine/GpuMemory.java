package org.simclrspark.worker.machine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Memory in use on the GPUs that NVIDIA's driver shows to this machine or container. */
public final class GpuMemory {

  private static final Path DRIVER = Path.of("/proc/driver/nvidia/version");
  private static final long PATIENCE_SECONDS = 5;

  private GpuMemory() {}

  /** Bytes; 0 without a GPU, or where nvidia-smi does not tell. */
  public static long usedBytes() {
    if (!Files.exists(DRIVER)) {
      return 0;
    }
    Process process = null;
    try {
      process =
          new ProcessBuilder(
                  "nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        return 0;
      }
      return sum(new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
    } catch (IOException | NumberFormatException e) {
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    } finally {
      if (process != null) {
        process.destroyForcibly();
      }
    }
  }

  /** A line a GPU, in MiB. */
  static long sum(String lines) {
    return lines
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .mapToLong(mebibytes -> Long.parseLong(mebibytes) << 20)
        .sum();
  }
}
