package org.simclrspark.driver.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each test runs on a file system that can append and on one that cannot. */
class MetricsTest {

  private final List<String> lines = new ArrayList<>();

  @TempDir java.nio.file.Path directory;
  private final Configuration configuration = new Configuration();

  @BeforeEach
  void registerStore() {
    configuration.setClass(
        "fs.store.impl", NoAppendFileSystem.class, org.apache.hadoop.fs.FileSystem.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"file", "store"})
  void writesOneObjectALineInTheOrderOfTheMap(String scheme) throws IOException {
    try (Metrics metrics = Metrics.open(run(scheme), configuration, lines::add)) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("step", 1);
      line.put("loss", 2.5);
      line.put("seconds", Map.of("embed", 0.5));
      metrics.append(line);
      metrics.append(Map.of("step", 2L));
    }
    assertThat(Files.readString(file()))
        .isEqualTo("{\"step\":1,\"loss\":2.5,\"seconds\":{\"embed\":0.5}}\n{\"step\":2}\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"file", "store"})
  void keepsStepsUpToACheckpointAndGoesOnFromThere(String scheme) {
    try (Metrics metrics = Metrics.open(run(scheme), configuration, lines::add)) {
      for (int step = 1; step <= 5; step++) {
        metrics.append(Map.of("step", step));
      }
    }
    try (Metrics resumed = Metrics.open(run(scheme), configuration, lines::add)) {
      assertThat(resumed.lastStep()).isEqualTo(5);
      resumed.truncateAfter(3);
      assertThat(resumed.lastStep()).isEqualTo(3);
      resumed.append(Map.of("step", 4, "loss", 1.5));
    }
    assertThat(Metrics.read(run(scheme), configuration))
        .extracting(line -> line.get("step"))
        .containsExactly(1, 2, 3, 4);
    assertThat(Metrics.read(run(scheme), configuration).get(3)).containsEntry("loss", 1.5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"file", "store"})
  void truncatesWhatTheSameWriterAppended(String scheme) {
    try (Metrics metrics = Metrics.open(run(scheme), configuration, lines::add)) {
      metrics.append(Map.of("step", 1));
      metrics.append(Map.of("step", 2));
      metrics.truncateAfter(0);
      metrics.append(Map.of("step", 1));
    }
    assertThat(Metrics.read(run(scheme), configuration)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"file", "store"})
  void dropsALineThatADyingProcessCutOff(String scheme) throws IOException {
    try (Metrics metrics = Metrics.open(run(scheme), configuration, lines::add)) {
      metrics.append(Map.of("step", 1));
    }
    Files.writeString(file(), "{\"step\":2,\"lo", StandardOpenOption.APPEND);
    try (Metrics metrics = Metrics.open(run(scheme), configuration, lines::add)) {
      metrics.append(Map.of("step", 2));
    }
    assertThat(Files.readString(file())).isEqualTo("{\"step\":1}\n{\"step\":2}\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"file", "store"})
  void showsLinesAfterFlush(String scheme) throws IOException {
    try (Metrics metrics = Metrics.open(run(scheme), configuration, lines::add)) {
      metrics.append(Map.of("step", 1));
      metrics.flush();
      assertThat(Files.readString(file())).isEqualTo("{\"step\":1}\n");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"file", "store"})
  void writesNumbersThatJsonLacksAsNull(String scheme) {
    try (Metrics metrics = Metrics.open(run(scheme), configuration, lines::add)) {
      metrics.append(Map.of("step", 1, "loss", Double.NaN, "std", Float.POSITIVE_INFINITY));
    }
    List<Map<String, Object>> lines = Metrics.read(run(scheme), configuration);
    assertThat(lines.get(0)).containsEntry("loss", null).containsEntry("std", null);
  }

  @ParameterizedTest
  @ValueSource(strings = {"file", "store"})
  void refusesAStepTwiceAndALineWithoutStep(String scheme) {
    try (Metrics metrics = Metrics.open(run(scheme), configuration, lines::add)) {
      metrics.append(Map.of("step", 7));
      assertThatThrownBy(() -> metrics.append(Map.of("step", 7)))
          .hasMessage("A step's metrics must come after those of step 7, found step 7");
      assertThatThrownBy(() -> metrics.append(Map.of("loss", 1.0)))
          .hasMessageContaining("must have an integer step");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"file", "store"})
  void amendsTheLastLine(String scheme) throws IOException {
    try (Metrics metrics = Metrics.open(run(scheme), configuration, lines::add)) {
      metrics.append(Map.of("step", 1));
      metrics.append(Map.of("step", 2));
      metrics.flush();
      metrics.amend(Map.of("knn_accuracy", 0.5));
      metrics.append(Map.of("step", 3));
      metrics.amend(Map.of("knn_accuracy", 0.75));
    }
    assertThat(Files.readString(file()))
        .isEqualTo(
            "{\"step\":1}\n{\"step\":2,\"knn_accuracy\":0.5}\n"
                + "{\"step\":3,\"knn_accuracy\":0.75}\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"file", "store"})
  void linesThatCannotBeWrittenWaitAndEndNothing(String scheme) throws IOException {
    Path run = new Path(run(scheme), "run");
    java.nio.file.Path folder = directory.resolve("run");
    java.nio.file.Path aside = directory.resolve("aside");
    try (Metrics metrics = Metrics.open(run, configuration, lines::add)) {
      metrics.append(Map.of("step", 1));
      metrics.flush();
      Files.move(folder, aside);
      Files.createFile(folder);
      metrics.amend(Map.of("loss", 1.5));
      metrics.append(Map.of("step", 2));
      metrics.flush();
      assertThat(lines).singleElement().asString().startsWith("Warning: metrics.jsonl cannot be");
      Files.delete(folder);
      Files.move(aside, folder);
      metrics.flush();
      assertThat(lines).last().asString().endsWith("lines that waited: 2.");
      metrics.append(Map.of("step", 3));
    }
    assertThat(Files.readString(folder.resolve(Metrics.FILE_NAME)))
        .isEqualTo("{\"step\":1,\"loss\":1.5}\n{\"step\":2}\n{\"step\":3}\n");
  }

  private Path run(String scheme) {
    return new Path(scheme + "://" + directory);
  }

  private java.nio.file.Path file() {
    return directory.resolve(Metrics.FILE_NAME);
  }
}
