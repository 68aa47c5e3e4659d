package org.simclrspark.driver.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SummaryTest {

  @TempDir java.nio.file.Path directory;
  private final Configuration configuration = new Configuration();

  @Test
  void hasEveryNameOfTheContractEvenBeforeItIsKnown() {
    Summary.empty().with("steps", 3).write(run(), configuration);

    assertThat(Summary.read(run(), configuration).orElseThrow().values().keySet())
        .containsExactly(
            "steps",
            "images_per_second",
            "images_skipped",
            "images_repaired",
            "loss_first",
            "loss_last",
            "knn_accuracy",
            "linear_accuracy",
            "knn_accuracy_raw_pixels",
            "knn_accuracy_random_encoder",
            "parameters_sha256",
            "data_fingerprint");
  }

  @Test
  void keepsWhatAnEarlierCommandWrote() {
    Summary.empty().with("steps", 3).with("note", "kept").write(run(), configuration);
    Summary.read(run(), configuration)
        .orElseThrow()
        .with(Map.of("knn_accuracy", 0.5))
        .write(run(), configuration);

    assertThat(Summary.read(run(), configuration).orElseThrow().values())
        .containsEntry("steps", 3)
        .containsEntry("note", "kept")
        .containsEntry("knn_accuracy", 0.5)
        .containsEntry("linear_accuracy", null);
  }

  @Test
  void leavesNoTemporaryFile() throws IOException {
    Summary.empty().write(run(), configuration);
    Summary.empty().write(run(), configuration);

    try (var files = Files.list(directory)) {
      assertThat(files.map(file -> file.getFileName().toString())).containsExactly("summary.json");
    }
  }

  @Test
  void isAbsentBeforeTheEndOfARun() {
    assertThat(Summary.read(run(), configuration)).isEmpty();
  }

  @Test
  void namesAFileThatIsNotJson() throws IOException {
    Files.writeString(directory.resolve("summary.json"), "steps = 3");
    assertThatThrownBy(() -> Summary.read(run(), configuration))
        .hasMessageContaining(
            "summary.json must be a JSON object, found something else; move the file away");
  }

  private Path run() {
    return new Path(directory.toUri());
  }
}
