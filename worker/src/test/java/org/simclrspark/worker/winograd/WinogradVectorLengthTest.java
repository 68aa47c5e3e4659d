package org.simclrspark.worker.winograd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.simclrspark.loss.vector.VectorTypes;

/**
 * Convolutions by tiles have the same bits with shorter vectors and with smaller blocks of
 * channels, for which there are other kernels. A sum in another order would make this fail.
 */
class WinogradVectorLengthTest {

  @Test
  void vectorsOfEightFloatsGiveTheBitsOfThisJvm() throws Exception {
    assertThat(inJvm("AVX2", "-XX:UseAVX=2")).isEqualTo("8 8 " + WinogradBits.ofThisJvm());
  }

  @Test
  void smallerBlocksThanVectorsGiveTheBitsOfThisJvm() throws Exception {
    assertThat(inJvm("AVX2")).isEqualTo(VectorTypes.LANES + " 8 " + WinogradBits.ofThisJvm());
  }

  /** What a JVM prints whose oneDNN is held to some instructions. */
  private static String inJvm(String instructions, String... options) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(
        List.of(
            "--add-modules=jdk.incubator.vector",
            "-cp",
            System.getProperty("java.class.path"),
            WinogradBits.class.getName()));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("ONEDNN_MAX_CPU_ISA", instructions);
    Process process = builder.start();
    String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(printed).isZero();
    return printed.strip();
  }
}
