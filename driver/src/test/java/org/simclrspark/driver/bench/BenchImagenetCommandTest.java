package org.simclrspark.driver.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** The benchmark at a few thousand images: processes, checkpoint and fields as at full size. */
class BenchImagenetCommandTest {

  @Test
  void stepsResumeInAnotherProcessAndEveryFieldIsMeasured(@TempDir Path directory)
      throws Exception {
    Map<String, Object> result =
        measure(
            directory,
            "--images=2000",
            "--classes=5",
            "--batch=64",
            "--parameters=262144",
            "--linear-iterations=10");
    assertThat(result)
        .containsEntry("images", 2000L)
        .containsEntry("test_images", 200L)
        .containsEntry("resumed_from_step", 3);
    assertThat(((Number) result.get("shuffled_image_bytes")).longValue()).isZero();
    assertThat(number(result, "read_bytes_ratio")).isBetween(1.0, 1.1);
    for (String seconds :
        new String[] {
          "index_seconds", "first_step_seconds", "resume_first_step_seconds", "evaluate_seconds"
        }) {
      assertThat(number(result, seconds)).as(seconds).isBetween(0.01, 60.0);
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
    assertThat(Files.readString(home.resolve("resumed-steps.log"))).isEmpty();
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
    assertThatThrownBy(() -> measure(directory, option))
        .isInstanceOf(ParameterException.class)
        .hasMessageStartingWith(rule);
    assertThat(directory).isEmptyDirectory();
  }

  private static Map<String, Object> measure(Path directory, String... options) throws Exception {
    BenchImagenetCommand command = new BenchImagenetCommand();
    CommandLine commandLine = new CommandLine(command);
    commandLine.parseArgs(with(options, "--dir=" + directory));
    return command.measure();
  }

  private static String[] with(String[] options, String more) {
    String[] all = Arrays.copyOf(options, options.length + 1);
    all[options.length] = more;
    return all;
  }

  private static double number(Map<String, Object> result, String name) {
    return ((Number) result.get(name)).doubleValue();
  }
}
