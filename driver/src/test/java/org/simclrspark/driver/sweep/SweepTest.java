package org.simclrspark.driver.sweep;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.driver.LocalSpark;
import org.simclrspark.driver.checkpoint.Environment;
import org.simclrspark.driver.config.ConfigFiles;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.report.LineProgress;
import org.simclrspark.driver.run.RunDirectory;
import org.simclrspark.driver.run.RunInUseException;
import org.simclrspark.driver.run.TargetLock;
import org.simclrspark.driver.train.Pretraining;
import sun.misc.Signal;

/** Sweeps of tiny runs on real images and a real Spark. */
class SweepTest {

  private static final Sweep.Options ONE_BY_ONE = new Sweep.Options(1, 1, false, false);
  private static final int RECORD = 3073;

  @TempDir Path directory;
  private final List<String> said = Collections.synchronizedList(new ArrayList<>());

  @BeforeEach
  void images() throws IOException {
    byte[] sample = Files.readAllBytes(Path.of("../data-pipeline/sample/cifar10/data_batch_1.bin"));
    Files.write(directory.resolve("train.bin"), Arrays.copyOf(sample, 32 * RECORD));
    Files.write(
        directory.resolve("test.bin"), Arrays.copyOfRange(sample, 32 * RECORD, 64 * RECORD));
  }

  private Grid grid(List<String> settings, String... axes) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "data.train=" + directory + "/train.bin",
                "data.test=" + directory + "/test.bin",
                "data.format=cifar10",
                "augment.preset=cifar",
                "encoder.depth=18",
                "encoder.width=0.125",
                "encoder.stem=small",
                "projection.hidden=32",
                "projection.dim=16",
                "train.batch=16",
                "train.shards=2",
                "train.micro-batch=8",
                "train.epochs=2",
                "optimizer.name=sgd",
                "optimizer.learning-rate=0.1",
                "optimizer.warmup-epochs=0",
                "worker.threads=1",
                "evaluate.knn.k=5",
                "evaluate.linear.iterations=3"));
    all.addAll(settings);
    return Grid.of(ConfigFiles.empty(), all, List.of(axes), 1);
  }

  private SweepDirectory sweep(String name) {
    return new SweepDirectory(path(name), new Configuration(), said::add);
  }

  private org.apache.hadoop.fs.Path path(String name) {
    return new org.apache.hadoop.fs.Path(directory.resolve(name).toUri());
  }

  private int run(String name, Grid grid, Sweep.Options options) {
    return Sweep.run(LocalSpark.context(), grid, options, sweep(name), said::add);
  }

  private String text(String file) throws IOException {
    return Files.readString(directory.resolve(file), UTF_8);
  }

  private JsonNode points(String name) throws IOException {
    return new ObjectMapper().readTree(text(name + "/sweep.json")).get("points");
  }

  private List<String> states(String name) throws IOException {
    List<String> states = new ArrayList<>();
    points(name).forEach(point -> states.add(point.get("state").asText()));
    return states;
  }

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
  void aPointThatDivergesIsAResult() throws Exception {
    Grid grid = grid(List.of(), "optimizer.learning-rate=1e37,0.1");
    assertThat(run("a", grid, ONE_BY_ONE)).isZero();
    assertThat(states("a")).containsExactly("failed", "finished");
    String reason = points("a").get(0).get("reason").asText();
    assertThat(reason).startsWith("Training diverged in step 2");
    String json = text("a/sweep.json");

    said.clear();
    assertThat(run("a", grid, ONE_BY_ONE)).isZero();
    assertThat(said).contains("All points are done; there is nothing to train.");
    assertThat(text("a/sweep.json")).isEqualTo(json);

    said.clear();
    assertThat(run("a", grid, new Sweep.Options(1, 1, true, false))).isZero();
    assertThat(said).anyMatch(line -> line.contains("failed: " + reason));
    assertThat(text("a/sweep.json")).isEqualTo(json);
  }

  @Test
  void aSweepInWhichNothingWorksFails() throws Exception {
    assertThat(run("a", grid(List.of(), "optimizer.learning-rate=1e37"), ONE_BY_ONE)).isOne();
    assertThat(said).anyMatch(line -> line.contains("there is no best one"));
    assertThat(directory.resolve("a/best.conf")).doesNotExist();
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

  @Test
  void aPointThatAnotherDriverTrainsIsLeftToItAndTheRestIsTrained() throws Exception {
    Grid grid = grid(List.of(), "loss.temperature=0.1,0.5");
    try (RunDirectory other =
        RunDirectory.open(
            path("a/points/temperature-0.1_seed-1"),
            grid.points().get(0).config(),
            new Configuration(),
            Environment.current(1),
            said::add)) {
      assertThat(other.isStarted()).isFalse();
      assertThatThrownBy(() -> run("a", grid, ONE_BY_ONE))
          .isInstanceOf(RunInUseException.class)
          .hasMessageContaining("temperature-0.1_seed-1");
    }
    assertThat(states("a")).containsExactly("unfinished", "finished");
    assertThat(run("a", grid, ONE_BY_ONE)).isZero();
    assertThat(states("a")).containsOnly("finished");
  }

  @Test
  void aSweepHasOneDriver() {
    Grid grid = grid(List.of(), "loss.temperature=0.1,0.5");
    try (TargetLock sibling =
        TargetLock.acquireSweep(path("a/lock"), new Configuration(), said::add)) {
      sibling.ensureHeld();
      assertThatThrownBy(() -> run("a", grid, ONE_BY_ONE))
          .isInstanceOf(RunInUseException.class)
          .hasMessageContaining("A sweep must have one driver at a time");
    }
  }

  @Test
  void aSignalStopsAllPointsWithACheckpointAndTheSweepGoesOn() throws Exception {
    Grid grid = grid(List.of("train.epochs=6"), "train.batch=16,32");
    assertThat(run("undisturbed", grid, ONE_BY_ONE)).isZero();
    List<String> lines = Collections.synchronizedList(new ArrayList<>());
    int status =
        Sweep.run(
            LocalSpark.context(),
            grid,
            new Sweep.Options(1, 2, false, false),
            sweep("a"),
            line -> {
              lines.add(line);
              if (line.contains("Training ResNet")) {
                raiseOnce();
              }
            });
    assertThat(status).isEqualTo(143);
    assertThat(lines).contains("Stopped; the same command goes on.");
    assertThat(states("a")).contains("unfinished");
    assertThat(run("a", grid, ONE_BY_ONE)).isZero();
    assertThat(text("a/sweep.json")).isEqualTo(text("undisturbed/sweep.json"));
  }

  private boolean raised;

  private synchronized void raiseOnce() {
    if (!raised) {
      raised = true;
      Signal.raise(new Signal("TERM"));
    }
  }

  @Test
  void whatTheImagesRefuseIsToldBeforeAnythingIsTrained() {
    assertThat(
            catchThrowableOfType(
                    () -> run("a", grid(List.of(), "train.batch=32,64"), ONE_BY_ONE),
                    ConfigurationException.class)
                .problems())
        .singleElement()
        .asString()
        .startsWith("--grid: train.batch must be at most the number of training images, 32");
    assertThat(
            catchThrowableOfType(
                    () ->
                        run(
                            "a",
                            grid(List.of(), "train.batch=16,32"),
                            new Sweep.Options(3, 1, false, false)),
                    ConfigurationException.class)
                .problems())
        .singleElement()
        .asString()
        .startsWith("--grid: with train.batch=32: --rungs: the steps of a point must be at least");
    assertThat(directory.resolve("a/points")).doesNotExist();
  }

  @Test
  void theDirectoryOfARunIsNoSweep() throws Exception {
    Files.createDirectories(directory.resolve("run"));
    Files.writeString(directory.resolve("run/config.conf"), "simclr {}");
    assertThatThrownBy(() -> run("run", grid(List.of(), "train.batch=16"), ONE_BY_ONE))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("--run: the directory must be new or that of a sweep, found a run");
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
