package org.simclrspark.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.simclrspark.worker.engine.EngineKind;
import org.simclrspark.worker.machine.GpuDevice;

class EnginesTest {

  @Test
  void automaticGoesByTheCapabilityOfTheTasksGpu() {
    Optional<GpuDevice> turing = Optional.of(gpu(7, 5));
    Optional<GpuDevice> volta = Optional.of(gpu(7, 0));
    assertThat(Engines.suitable(turing, false)).isEqualTo(EngineKind.LIBTORCH);
    assertThat(Engines.suitable(turing, true)).isEqualTo(EngineKind.LIBTORCH);
    assertThat(Engines.suitable(volta, true)).isEqualTo(EngineKind.ND4J);
    // Which then refuses it, and says what to do.
    assertThat(Engines.suitable(volta, false)).isEqualTo(EngineKind.LIBTORCH);
    assertThat(Engines.suitable(Optional.empty(), false)).isEqualTo(EngineKind.ONEDNN);
    assertThat(Engines.suitable(Optional.empty(), true)).isEqualTo(EngineKind.ND4J);
  }

  private static GpuDevice gpu(int major, int minor) {
    return new GpuDevice(0, "GPU-1", "Card", "580.65.06", major, minor);
  }
}
