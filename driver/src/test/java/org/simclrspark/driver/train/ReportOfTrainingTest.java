package org.simclrspark.driver.train;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.data.source.TestImages;
import org.simclrspark.driver.LocalSpark;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.overview.RunOverview;
import org.simclrspark.driver.overview.RunOverview.State;
import org.simclrspark.driver.report.Json;
import org.simclrspark.driver.report.LineProgress;

/** What a real training leaves for people to look at. */
class ReportOfTrainingTest {

  @TempDir Path directory;
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  @BeforeEach
  void makeImages() throws Exception {
    TestImages.folder(directory.resolve("train"), TestImages.images(24));
    TestImages.folder(directory.resolve("test"), TestImages.images(9));
  }

  private SimclrConfig config(String... more) {
    List<String> settings =
        new ArrayList<>(
            List.of(
                "data.train=" + directory.resolve("train"),
                "data.test=" + directory.resolve("test"),
                "augment.preset=cifar",
                "encoder.depth=18",
                "encoder.width=0.25",
                "encoder.stem=small",
                "projection.hidden=8",
                "projection.dim=8",
                "train.batch=8",
                "train.shards=2",
                "train.micro-batch=4",
                "train.epochs=2",
                "optimizer.warmup-epochs=0",
                "evaluate.every-epochs=1",
                "evaluate.linear.enabled=false",
                "evaluate.knn.k=3",
                "report.images=3",
                "worker.threads=1"));
    settings.addAll(List.of(more));
    return SimclrConfig.of(settings.toArray(new String[0]));
  }

  private void train(SimclrConfig config) {
    try (LineProgress progress = new LineProgress(new PrintStream(said, true, UTF_8))) {
      Pretraining.run(LocalSpark.context(), config, run(), progress);
    }
  }

  private org.apache.hadoop.fs.Path run() {
    return new org.apache.hadoop.fs.Path(directory.resolve("run").toString());
  }

  @Test
  void aRunThatGoesOnHasOnePageOfAllItsSteps() throws Exception {
    train(config("train.steps=3"));
    assertThat(directory.resolve("run/report.html")).content().contains("\"state\":\"finished\"");
    train(config());
    assertThat(said.toString(UTF_8))
        .doesNotContain("Warning: report", "Warning: the report", "Warning: A picture");
    String page = Files.readString(directory.resolve("run/report.html"));
    assertThat(page)
        .contains(
            "\"step\":[1,2,3,4,5,6]",
            "\"kind\":\"resumed\",\"from\":4",
            "\"spectra\":[{\"step\":1,");
    Map<String, Object> views =
        Json.parse(Files.readString(directory.resolve("run/report/views.json")));
    assertThat((List<?>) views.get("images")).hasSize(3);
    Map<String, Object> near =
        Json.parse(Files.readString(directory.resolve("run/report/neighbours.json")));
    assertThat(near).containsEntry("step", 6);
    assertThat((List<?>) near.get("queries"))
        .hasSize(3)
        .allSatisfy(
            query ->
                assertThat((List<?>) ((Map<?, ?>) query).get("neighbours"))
                    .hasSize(8)
                    .isSortedAccordingTo((a, b) -> Double.compare(similarity(b), similarity(a))));
    RunOverview overview = RunOverview.of(run(), new Configuration());
    assertThat(overview.state()).isEqualTo(State.FINISHED);
    assertThat(overview.steps()).isEqualTo(6);
    assertThat(overview.knnAccuracy()).isNotNull();
    try (var files = Files.list(directory.resolve("run"))) {
      assertThat(files.filter(file -> file.toString().contains("tfevents"))).hasSize(2);
    }
  }

  /** Test images are among the training images, and each is its own nearest neighbour. */
  private static double similarity(Object neighbour) {
    return ((Number) ((Map<?, ?>) neighbour).get("similarity")).doubleValue();
  }

  @Test
  void aRunThatFailsSaysWhy() throws Exception {
    Files.write(directory.resolve("train/cat/broken.png"), new byte[] {1, 2, 3});
    SimclrConfig config =
        config("data.test=null", "train.batch=25", "train.shards=1", "train.micro-batch=25");
    assertThatThrownBy(() -> train(config)).hasMessageContaining("broken.png");
    RunOverview overview = RunOverview.of(run(), new Configuration());
    assertThat(overview.state()).isEqualTo(State.FAILED);
    assertThat(overview.reason()).contains("broken.png");
    assertThat(directory.resolve("run/report.html")).content().contains("\"state\":\"failed\"");
  }
}
