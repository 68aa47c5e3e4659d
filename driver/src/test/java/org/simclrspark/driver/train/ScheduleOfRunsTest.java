package org.simclrspark.driver.train;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.driver.LocalSpark;
import org.simclrspark.driver.checkpoint.Environment;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.report.LineProgress;
import org.simclrspark.driver.report.Progress;
import org.simclrspark.driver.report.Summary;
import org.simclrspark.driver.run.RunDirectory;
import org.simclrspark.driver.run.RunInUseException;
import org.simclrspark.driver.run.RunSeries;

/** The same command, fired day after day, while images are added. */
class ScheduleOfRunsTest {

  private static final int RECORD = 3073;
  private static final int IMAGES = 32;

  @TempDir Path directory;
  private final List<String> said = new ArrayList<>();

  private SimclrConfig config(String... more) {
    List<String> settings =
        new ArrayList<>(
            List.of(
                "data.train=" + directory.resolve("images") + "/*.bin",
                "augment.preset=cifar",
                "encoder.depth=18",
                "encoder.width=0.25",
                "encoder.stem=small",
                "projection.hidden=32",
                "projection.dim=16",
                "train.batch=32",
                "train.shards=2",
                "train.micro-batch=8",
                "train.epochs=1",
                "optimizer.name=adam",
                "optimizer.learning-rate=0.001",
                "optimizer.scaling=none",
                "optimizer.warmup-epochs=0",
                "worker.threads=1",
                "checkpoint.keep-runs=1",
                "train.initial=latest"));
    settings.addAll(List.of(more));
    return SimclrConfig.of(settings.toArray(new String[0]));
  }

  private RunSeries series() {
    return new RunSeries(directory + "/runs/{date}", new Configuration(), said::add);
  }

  /** What {@code pretrain --run DIRECTORY/runs/{date} --if-changed} does on a day. */
  private void fire(String date, SimclrConfig config) throws IOException {
    RunSeries series = series();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (Progress progress = new LineProgress(new PrintStream(out, true, UTF_8))) {
      assertThat(
              Pretraining.run(
                  LocalSpark.context(),
                  config,
                  series.current(LocalDate.parse(date)),
                  new Firing(
                      Optional.of(series),
                      Optional.of(series.directory(LocalDate.parse(date))),
                      true),
                  progress))
          .isZero();
    }
    said.clear();
    out.toString(UTF_8).lines().forEach(said::add);
  }

  private void addImages(int file) throws IOException {
    byte[] sample = Files.readAllBytes(Path.of("../data-pipeline/sample/cifar10/data_batch_1.bin"));
    int from = file * IMAGES * RECORD;
    Files.createDirectories(directory.resolve("images"));
    Files.write(
        directory.resolve("images/batch" + file + ".bin"),
        Arrays.copyOfRange(sample, from, from + IMAGES * RECORD));
  }

  private Path run(String date) {
    return directory.resolve("runs").resolve(date);
  }

  private String hash(String date) {
    return (String)
        Summary.read(new org.apache.hadoop.fs.Path(run(date).toUri()), new Configuration())
            .orElseThrow()
            .values()
            .get(Summary.PARAMETERS_SHA256);
  }

  @Test
  void threeFiringsWithImagesAddedBetween() throws IOException {
    addImages(0);
    fire("2026-11-23", config());
    assertThat(said)
        .contains("No run of the schedule is finished yet: starting from random parameters.");
    String first = hash("2026-11-23");

    fire("2026-11-24", config());
    assertThat(said)
        .singleElement()
        .asString()
        .endsWith("runs/2026-11-23, which is finished; there is nothing to do.");
    assertThat(run("2026-11-24")).doesNotExist();

    addImages(1);
    fire("2026-11-25", config());
    JsonNode manifest =
        new ObjectMapper()
            .readTree(
                run("2026-11-25").resolve("checkpoints/step-00000002/manifest.json").toFile());
    assertThat(manifest.get("startedFrom").get("run").asText()).endsWith("runs/2026-11-23");
    assertThat(manifest.get("startedFrom").get("step").asLong()).isEqualTo(1);
    assertThat(manifest.get("startedFrom").get("parametersSha256").asText()).isEqualTo(first);
    assertThat(hash("2026-11-25")).isNotEqualTo(first);

    // checkpoint.keep-runs=1: the newest finished run stays.
    assertThat(said).anyMatch(line -> line.startsWith("Deleted the run "));
    assertThat(run("2026-11-23")).doesNotExist();
    assertThat(run("2026-11-25")).exists();
  }

  /** A run goes on with its own images alone. */
  @Test
  void anUnfinishedRunWhoseImagesHaveChangedIsLeftBehind() throws IOException {
    addImages(0);
    fire("2026-11-23", config("train.initial=null"));
    Files.delete(run("2026-11-23").resolve("summary.json"));
    addImages(1);
    fire("2026-11-24", config("train.initial=null"));
    assertThat(said).anyMatch(line -> line.contains("2026-11-23 was started, which is unfinished"));
    assertThat(run("2026-11-24").resolve("summary.json")).exists();
    assertThat(run("2026-11-23").resolve("summary.json")).doesNotExist();
  }

  @Test
  void anotherConfigurationIsAChange() throws IOException {
    addImages(0);
    fire("2026-11-23", config("checkpoint.keep-runs=0"));
    fire("2026-11-24", config("checkpoint.keep-runs=0", "loss.temperature=0.5"));
    assertThat(run("2026-11-24").resolve("summary.json")).exists();
    assertThat(run("2026-11-23")).exists();
  }

  @Test
  void anUnfinishedRunIsGoneOnWithAndLeftToWhoeverTrainsIt() throws IOException {
    addImages(0);
    Files.createDirectories(run("2026-11-23"));
    assertThat(series().current(LocalDate.parse("2026-11-24")))
        .hasToString("file:" + run("2026-11-23"));
    try (RunDirectory sibling =
        RunDirectory.open(
            new org.apache.hadoop.fs.Path(run("2026-11-23").toUri()),
            config(),
            new Configuration(),
            Environment.current(1),
            said::add)) {
      assertThat(sibling.isStarted()).isFalse();
      assertThatThrownBy(() -> fire("2026-11-24", config())).isInstanceOf(RunInUseException.class);
    }
    fire("2026-11-24", config());
    assertThat(run("2026-11-23").resolve("summary.json")).exists();
    assertThat(run("2026-11-24")).doesNotExist();
    assertThat(series().current(LocalDate.parse("2026-11-24")))
        .isEqualTo(series().directory(LocalDate.parse("2026-11-24")));
  }

  @Test
  void anEncoderOfAnotherShapeIsRefused() throws IOException {
    addImages(0);
    fire("2026-11-23", config());
    assertThatThrownBy(() -> fire("2026-11-24", config("projection.dim=8")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("train.initial must be a run of the same encoder and projection");
  }

  @Test
  void theDateStandsInTheLastName() {
    for (String wrong : List.of("/runs/{date}/x", "/runs/{date}-{date}", "/runs/date")) {
      assertThatThrownBy(() -> new RunSeries(wrong, new Configuration(), said::add))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("--run: {date} must");
    }
  }
}
