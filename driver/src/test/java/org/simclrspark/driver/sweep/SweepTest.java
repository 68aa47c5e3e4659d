package org.simclrspark.driver.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.simclrspark.driver.LocalSpark;
import org.simclrspark.driver.config.ConfigFiles;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.report.LineProgress;
import org.simclrspark.driver.storage.FileSystems;
import org.simclrspark.driver.storage.Server;
import org.simclrspark.driver.train.Pretraining;

/** What sweeps do where all goes well. */
@ExtendWith(FileSystems.Parameter.class)
class SweepTest extends TinySweeps {

  /** Results of the sweep that others train on other file systems. */
  private static Map<String, Object> onLocalDisk;

  @Test
  void everyPointIsARunAndTheSweepSumsThemUp() throws Exception {
    Grid grid = grid(List.of(), "train.batch=16,32", "loss.temperature=0.1,0.5");
    assertThat(run("a", grid, new Sweep.Options(1, 3, false, false))).isZero();
    assertThat(states("a")).hasSize(4).containsOnly("finished");
    assertThat(said).anyMatch(line -> line.startsWith("Learning rate by batch: 0.00625"));
    assertThat(said).anyMatch(line -> line.matches("Estimate: 0:0.* core hours on 2 cores.*"));
    assertThat(said).anyMatch(line -> line.contains("finished, best"));

    // One index serves all.
    assertThat(directory.resolve("a/index")).isDirectory();
    for (JsonNode point : points("a")) {
      Path run = directory.resolve("a").resolve(point.get("run").asText());
      assertThat(run.resolve("summary.json")).exists();
      assertThat(run.resolve("index")).doesNotExist();
      assertThat(run.resolve("report.html")).exists();
      JsonNode summary = new ObjectMapper().readTree(run.resolve("summary.json").toFile());
      assertThat(summary.get("parameters_sha256").asText())
          .isEqualTo(point.get("parameters_sha256").asText());
    }

    // The number of points at a time changes nothing.
    assertThat(run("b", grid, ONE_BY_ONE)).isZero();
    assertThat(text("b/sweep.json")).isEqualTo(text("a/sweep.json"));

    // Once more there is nothing to do.
    said.clear();
    assertThat(run("a", grid, ONE_BY_ONE)).isZero();
    assertThat(said).contains("All points are done; there is nothing to train.");
    assertThat(text("a/sweep.json")).isEqualTo(text("b/sweep.json"));

    best();
    grow();
  }

  /** The best configuration trains as it is, to the very same encoder. */
  private void best() throws IOException {
    JsonNode json = new ObjectMapper().readTree(text("a/sweep.json"));
    JsonNode best = null;
    for (JsonNode point : json.get("points")) {
      if (best == null
          || point.get("knn_accuracy").asDouble() > best.get("knn_accuracy").asDouble()) {
        best = point;
      }
    }
    assertThat(json.get("best").asText() + "_seed-1").isEqualTo(best.get("name").asText());
    SimclrConfig config =
        SimclrConfig.load(ConfigFiles.parse(new File(directory + "/a/best.conf")), List.of());
    Pretraining.run(LocalSpark.context(), config, path("best"), new LineProgress(System.out));
    assertThat(text("best/summary.json")).contains(best.get("parameters_sha256").asText());
  }

  private void grow() throws Exception {
    byte[] before =
        Files.readAllBytes(
            directory.resolve("b/points/batch-16_temperature-0.5_seed-1/summary.json"));
    Grid larger = grid(List.of(), "train.batch=32,16", "loss.temperature=0.1,0.5,1");
    sweep("b").requireExtendedBy(larger, 1);
    said.clear();
    assertThat(run("b", larger, ONE_BY_ONE)).isZero();
    assertThat(said).anyMatch(line -> line.startsWith("2 of 6 points are to be trained"));
    assertThat(states("b")).hasSize(6).containsOnly("finished");
    assertThat(directory.resolve("b/points/batch-16_temperature-0.5_seed-1/summary.json"))
        .hasBinaryContent(before);

    String other =
        catchThrowableOfType(
                () ->
                    run(
                        "b",
                        grid(
                            List.of("optimizer.learning-rate=0.2", "evaluate.knn.k=7"),
                            "train.batch=16,32",
                            "loss.temperature=0.1,0.5,1"),
                        ONE_BY_ONE),
                ConfigurationException.class)
            .getMessage();
    assertThat(other)
        .contains("optimizer.learning-rate: 0.2, not 0.1", "evaluate.knn.k: 7, not 5", "base.conf");
  }

  @Test
  void rungsStopTheWorseHalfOfEachTemperature() throws Exception {
    Grid grid =
        grid(List.of("train.micro-batch=4"), "train.batch=8,16,32", "loss.temperature=0.1,0.5");
    Sweep.Options halving = new Sweep.Options(2, 2, false, false);
    assertThat(run("a", grid, halving)).isZero();
    assertThat(states("a")).hasSize(6).containsOnly("finished", "stopped");
    for (String temperature : List.of("0.1", "0.5")) {
      List<JsonNode> group = new ArrayList<>();
      points("a")
          .forEach(
              point -> {
                if (point.get("values").get("loss.temperature").asText().equals(temperature)) {
                  group.add(point);
                }
              });
      assertThat(group)
          .filteredOn(point -> point.get("state").asText().equals("stopped"))
          .hasSize(1);
      JsonNode stopped =
          group.stream()
              .filter(point -> point.get("state").asText().equals("stopped"))
              .findFirst()
              .orElseThrow();
      // Half of two epochs of 32 images.
      assertThat(stopped.get("steps").asInt())
          .isEqualTo(32 / stopped.get("values").get("train.batch").asInt());
      for (JsonNode point : group) {
        assertThat(knnAtRung(point)).isGreaterThanOrEqualTo(stopped.get("knn_accuracy").asDouble());
      }
      // It can be gone on with by itself.
      Path run = directory.resolve("a").resolve(stopped.get("run").asText());
      assertThat(run.resolve("summary.json")).doesNotExist();
      assertThat(run.resolve("checkpoints")).isNotEmptyDirectory();
    }
    String json = text("a/sweep.json");
    assertThat(run("a", grid, halving)).isZero();
    assertThat(text("a/sweep.json")).isEqualTo(json);
  }

  private double knnAtRung(JsonNode point) throws IOException {
    int step = 32 / point.get("values").get("train.batch").asInt();
    String line =
        Files.readAllLines(
                directory.resolve("a").resolve(point.get("run").asText()).resolve("metrics.jsonl"))
            .get(step - 1);
    return new ObjectMapper().readTree(line).get("knn_accuracy").asDouble();
  }

  @ParameterizedTest
  @EnumSource(names = {"HDFS", "S3"})
  void aSweepLivesWhereRunsDo(FileSystems.Kind kind, FileSystems fileSystems) throws Exception {
    Server server = fileSystems.server(kind);
    Configuration hadoop = LocalSpark.context().hadoopConfiguration();
    for (Map.Entry<String, String> s3 : server.configuration()) {
      if (s3.getKey().startsWith("fs.s3a.")) {
        hadoop.set(s3.getKey(), s3.getValue());
      }
    }
    // Other tests reach the bucket of that name in other ways.
    hadoop.setBoolean("fs.s3a.impl.disable.cache", true);
    Grid grid = grid(List.of("train.epochs=1"), "loss.temperature=0.1,0.5");
    SweepDirectory remote =
        new SweepDirectory(
            new org.apache.hadoop.fs.Path(server.newDirectory(), "sweep"), hadoop, said::add);
    assertThat(Sweep.run(LocalSpark.context(), grid, ONE_BY_ONE, remote, said::add)).isZero();
    if (onLocalDisk == null) {
      assertThat(run("local", grid, ONE_BY_ONE)).isZero();
      onLocalDisk = sweep("local").results().orElseThrow();
    }
    assertThat(remote.results()).contains(onLocalDisk);
    assertThat(remote.spec()).contains(new Spec(grid.axes(), grid.seeds(), 1));
  }

  @Test
  void anEstimateTrainsNothing() {
    assertThat(run("a", grid(List.of(), "train.batch=16,32"), new Sweep.Options(1, 1, false, true)))
        .isZero();
    assertThat(said).anyMatch(line -> line.startsWith("Estimate: 0:0"));
    assertThat(directory.resolve("a/points")).doesNotExist();
    assertThat(directory.resolve("a/estimate")).doesNotExist();
    assertThat(directory.resolve("a/sweep.json")).doesNotExist();
  }
}
