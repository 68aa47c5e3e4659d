package org.simclrspark.loss;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * Loss and gradient have the same bits on machines with and without AVX-512. A sum over the lanes
 * of a vector, or a product whose terms depend on them, would make this fail.
 */
class LossVectorLengthTest {
  @Test
  void vectorsOfEightFloatsGiveTheBitsOfThisJvm() throws Exception {
    assertThat(inJvm("-XX:UseAVX=2")).isEqualTo("8 " + LossBits.ofThisJvm());
  }

  @Test
  @EnabledIf("hasAvx512")
  void vectorsOfSixteenFloatsGiveTheBitsOfThisJvm() throws Exception {
    assertThat(inJvm("-XX:UseAVX=3")).isEqualTo("16 " + LossBits.ofThisJvm());
  }

  static boolean hasAvx512() throws Exception {
    String flags = Files.readString(Path.of("/proc/cpuinfo"));
    return List.of("avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512cd").stream()
        .allMatch(flags::contains);
  }

  /** What a JVM with an option prints last. */
  private static String inJvm(String option) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                option,
                "--add-modules=jdk.incubator.vector",
                "-cp",
                System.getProperty("java.class.path"),
                LossBits.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(printed).isZero();
    return printed.lines().reduce("", (first, second) -> second);
  }
}
