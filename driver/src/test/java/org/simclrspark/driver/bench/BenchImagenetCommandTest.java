package org.simclrspark.driver.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.simclrspark.driver.cli.Main;
import org.simclrspark.driver.report.Json;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** The benchmark at a few thousand images: processes, checkpoint and fields as at full size. */
class BenchImagenetCommandTest {

  @Test
  @Tag("slow")
  void stepsResumeInAnotherProcessAndEveryFieldIsMeasured(@TempDir Path directory)
      throws Exception {
    Map<String, Object> result =
        run(
            directory,
            "--images=2000",
            "--classes=5",
            "--batch=64",
            "--parameters=262144",
            "--linear-iterations=10");
    assertThat(result)
        .containsEntry("images", 2000)
        .containsEntry("test_images", 200)
        .containsEntry("resumed_from_step", 3);
    assertThat(((Number) result.get("shuffled_image_bytes")).longValue()).isZero();
    assertThat(number(result, "read_bytes_ratio")).isBetween(1.0, 1.1);
    for (String seconds :
        new String[] {
          "index_seconds", "first_step_seconds", "resume_first_step_seconds", "evaluate_seconds"
        }) {
      assertThat(number(result, seconds)).as(seconds).isPositive();
    }
    // 0.2 is chance.
    assertThat(number(result, "knn_accuracy")).isBetween(0.9, 1.0);
    assertThat(number(result, "linear_accuracy")).isBetween(0.9, 1.0);
    // Three processes, two of which run at a time, each with a JVM's own memory at least.
    assertThat(number(result, "driver_heap_peak")).isGreaterThan(10 << 20);
    assertThat(number(result, "memory_peak"))
        .isGreaterThan(number(result, "driver_heap_peak"))
        .isLessThan(16.0 * (1L << 30));
    Path home = directory.resolve("2000-images-of-5");
    assertThat(home.resolve("checkpoints/step-00000003/manifest.json")).exists();
    assertThat(home.resolve("checkpoints/step-00000006/manifest.json")).exists();
  }

  /** A test's Spark context may be open here, so that the command gets a JVM of its own. */
  private static Map<String, Object> run(Path directory, String... options) throws Exception {
    Path output = directory.resolve("output.txt");
    List<String> arguments = new ArrayList<>(List.of("bench", "imagenet", "--dir=" + directory));
    arguments.addAll(List.of(options));
    try (JavaProcess process =
        JavaProcess.start(
            output,
            Map.of(),
            "1g",
            List.of("-Dspark.local.dir=" + directory),
            Main.class.getName(),
            arguments)) {
      assertThat(process.exitStatus()).as("%s", Files.readString(output)).isZero();
    }
    List<String> lines = Files.readAllLines(output);
    return Json.parse(lines.get(lines.size() - 1));
  }

  @ParameterizedTest
  @CsvSource({
    "--batch=12, --batch must be a positive multiple of 8",
    "--images=100, --images must be at least --batch",
    "--classes=1, --classes must be from 2 to --images",
    "--parameters=1000, --parameters must be at least 262144",
    "--test-images=0, --test-images must be at least 1",
    "--linear-iterations=-1, --linear-iterations must be at least 0"
  })
  void optionsThatMakeNoSenseAreRefused(String option, String rule, @TempDir Path directory) {
    BenchImagenetCommand command = new BenchImagenetCommand();
    new CommandLine(command).parseArgs("--dir=" + directory, option);
    assertThatThrownBy(command::measure)
        .isInstanceOf(ParameterException.class)
        .hasMessageStartingWith(rule);
    assertThat(directory).isEmptyDirectory();
  }

  private static double number(Map<String, Object> result, String name) {
    return ((Number) result.get(name)).doubleValue();
  }
}
