package org.simclrspark.driver.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Damaged images of every format in a process of its own. */
class BenchDamageCommandTest {

  @Test
  void noDamagedImageEndsTheProcessOrPrintsALineOrGoesUnnamed() throws Exception {
    BenchDamageCommand command = new BenchDamageCommand();
    new CommandLine(command).parseArgs("--images", "1500", "--seed", "7", "--heap", "1g");
    Map<String, Object> result = command.measure();
    assertThat(result)
        .containsEntry("images", 1500)
        .containsEntry("crashes", 0)
        .containsEntry("hangs", 0)
        .containsEntry("unnamed", 0)
        // What libjpeg, libpng and the readers print by themselves.
        .containsEntry("stray_lines", 0);
    int decoded = (int) result.get("decoded");
    int rejected = (int) result.get("rejected");
    assertThat(decoded + rejected).isEqualTo(1500);
    assertThat(decoded).isGreaterThan(100);
    assertThat(rejected).isGreaterThan(800);
    // Headers that lie about sizes take no memory.
    assertThat((long) result.get("peak_bytes")).isBetween(1L, 1L << 30);
  }
}
