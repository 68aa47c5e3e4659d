package org.simclrspark.worker.winograd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * Convolutions by tiles have the same bits with shorter vectors and smaller blocks of channels,
 * which other kernels compute. A sum in another order would make this fail.
 */
class WinogradVectorLengthTest {

  @Test
  void vectorsOfEightFloatsGiveTheBitsOfThisJvm() throws Exception {
    ProcessBuilder shorter =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:UseAVX=2",
                "--add-modules=jdk.incubator.vector",
                "-cp",
                System.getProperty("java.class.path"),
                WinogradBits.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    shorter.environment().put("ONEDNN_MAX_CPU_ISA", "AVX2");
    Process process = shorter.start();
    String printed = new String(process.getInputStream().readAllBytes(), UTF_8);

    assertThat(process.waitFor()).as(printed).isZero();
    assertThat(printed.strip()).isEqualTo("8 " + WinogradBits.ofThisJvm());
  }
}
