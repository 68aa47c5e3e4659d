package org.simclrspark.worker;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.simclrspark.loss.ContrastiveLoss;
import org.simclrspark.loss.NtXent;
import org.simclrspark.worker.engine.EngineKind;
import org.simclrspark.worker.engine.EngineSettings;
import org.simclrspark.worker.libtorch.LibtorchNtXent;
import org.simclrspark.worker.machine.DeviceException;
import org.simclrspark.worker.machine.GpuDevice;
import org.simclrspark.worker.machine.Gpus;

/** The loss where the encoder is: on the GPU of the task, or on the CPU. */
public final class Losses {

  private static final Map<Key, ContrastiveLoss> MADE = new ConcurrentHashMap<>();

  private record Key(EngineSettings engines, double temperature, String gpu) {}

  private Losses() {}

  /**
   * The loss for the task on this thread.
   *
   * @param engines how its encoder is computed
   * @param temperature tau
   * @throws DeviceException where the task's GPU cannot serve
   */
  public static ContrastiveLoss of(EngineSettings engines, double temperature) {
    return MADE.computeIfAbsent(
        new Key(engines, temperature, Gpus.addressOfTask()), Losses::create);
  }

  private static ContrastiveLoss create(Key key) {
    if (Engines.kind(key.engines) == EngineKind.LIBTORCH) {
      Optional<GpuDevice> gpu = Gpus.forLibtorch();
      if (gpu.isPresent()) {
        return new LibtorchNtXent(key.temperature, gpu);
      }
    }
    return new NtXent(key.temperature, key.engines.threads());
  }
}
