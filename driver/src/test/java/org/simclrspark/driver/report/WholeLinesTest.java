package org.simclrspark.driver.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

class WholeLinesTest {

  @Test
  void leavesOutWhatNoLineFeedEnds() {
    assertThat(lines("{\"a\":{\"b\":1}}\nö\n\n{\"a\":{\"b\":1}"))
        .containsExactly("{\"a\":{\"b\":1}}", "ö", "");
    assertThat(lines("cut")).isEmpty();
    assertThat(lines("")).isEmpty();
  }

  @Test
  void linesMayBeLongerThanWhatIsReadAtOnce() {
    String line = "é".repeat(100_000);
    assertThat(lines(line + "\n" + line + "\n")).containsExactly(line, line);
  }

  private static List<String> lines(String text) {
    return WholeLines.of(new ByteArrayInputStream(text.getBytes(UTF_8))).toList();
  }
}
