package org.simclrspark.driver.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressTest {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, UTF_8);

  private String text() {
    return bytes.toString(UTF_8);
  }

  @Test
  void linesComeEveryFewSecondsAndAtTheEnd() {
    AtomicLong clock = new AtomicLong();
    try (Progress progress = new LineProgress(out, clock::get)) {
      progress.started(10, 20);
      for (int step = 11; step <= 20; step++) {
        clock.addAndGet(Duration.ofSeconds(2).toNanos());
        progress.step(step, step / 4.0, 5.25 - step * 0.01, 0.125, 87.5);
      }
    }
    assertThat(text().lines())
        .containsExactly(
            "step 11 of 20, epoch 2.75, loss 5.1400, contrastive accuracy 12.5 %, 87.5 img/s,"
                + " 0:00:18 left",
            "step 14 of 20, epoch 3.50, loss 5.1100, contrastive accuracy 12.5 %, 87.5 img/s,"
                + " 0:00:12 left",
            "step 17 of 20, epoch 4.25, loss 5.0800, contrastive accuracy 12.5 %, 87.5 img/s,"
                + " 0:00:06 left",
            "step 20 of 20, epoch 5.00, loss 5.0500, contrastive accuracy 12.5 %, 87.5 img/s,"
                + " 0:00:00 left");
  }

  @Test
  void theTerminalShowsOneLineThatIsDrawnAgain() {
    TerminalProgress progress = new TerminalProgress(out, 80);
    progress.message("Training 12 images.");
    progress.started(5, 20);
    progress.step(10, 0.5, 4.5, 0.25, 321);
    progress.message("A checkpoint is written.");
    progress.finished();
    progress.finished();
    progress.message("Done.");
    assertThat(text()).startsWith("Training 12 images." + System.lineSeparator());
    assertThat(text()).endsWith(System.lineSeparator() + "Done." + System.lineSeparator());
    assertThat(text())
        .contains("\033[2KA checkpoint is written." + System.lineSeparator())
        .contains("10/20")
        .contains("loss 4.500, accuracy 25 %, 321 img/s");
    assertThat(text().split("\r\033\\[2K"))
        .allMatch(line -> line.lines().findFirst().orElse("").length() < 80);
  }

  @Test
  void aTerminalThatNeverStartedEndsQuietly() {
    new TerminalProgress(out, 80).finished();
    assertThat(text()).isEmpty();
  }
}
