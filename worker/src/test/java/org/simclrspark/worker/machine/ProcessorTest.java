package org.simclrspark.worker.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ProcessorTest {

  private static Processor processor(String architecture, String... lines) {
    return Processor.parse(architecture, List.of(lines));
  }

  @Test
  void x86WithAvx2Runs() {
    Processor intel =
        processor("amd64", "model name\t: Intel Xeon", "flags\t\t: fpu avx avx2 fma", "flags\t: x");
    assertThat(intel.model()).isEqualTo("Intel Xeon");
    assertThatCode(() -> intel.requireSupported("host")).doesNotThrowAnyException();
  }

  /** A task may be killed while it looks, and what it has found holds for its whole process. */
  @Test
  void isFoundByAnInterruptedThread() {
    Processor expected = Processor.current();
    Thread.currentThread().interrupt();
    try {
      assertThat(Processor.current()).isEqualTo(expected);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(expected.flags()).contains("avx2");
  }

  @Test
  void anOlderOneIsRefusedByName() {
    Processor old = processor("amd64", "model name : Xeon E5", "flags : fpu avx avx2x fma4");
    assertThatThrownBy(() -> old.requireSupported("node7"))
        .isInstanceOf(DeviceException.class)
        .hasMessage(
            "The processor must be x86-64 with AVX2 and FMA, found amd64 (Xeon E5) without them on"
                + " node7. Run driver and executors on machines that have them.");
  }

  @Test
  void oneWithoutTheInstructionsOfTheRunIsRefused() {
    Processor avx2 = processor("amd64", "model name : Xeon E5", "flags : avx avx2 fma avx512f");
    assertThatCode(() -> avx2.requireAll(Isa.AVX2, "node7")).doesNotThrowAnyException();
    assertThatThrownBy(() -> avx2.requireAll(Isa.AVX512, "node7"))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("found Xeon E5 without avx512bw, avx512vl, avx512dq on node7.");
  }

  @Test
  void armIsRefused() {
    Processor arm = processor("aarch64", "processor : 0", "Features : fp asimd");
    assertThatThrownBy(() -> arm.requireSupported("node7"))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("found aarch64 on node7.");
  }

  @Test
  void thisOneRuns() {
    assertThatCode(() -> Processor.current().requireSupported("here")).doesNotThrowAnyException();
  }
}
