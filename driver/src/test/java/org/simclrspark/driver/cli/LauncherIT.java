package org.simclrspark.driver.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs deploy/simclr as a user does, on the jars that the build has just packaged. */
class LauncherIT {

  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  private static final String IMAGES = ROOT + "/data-pipeline/sample/cifar10/data_batch_1.bin";

  /** What a command left behind. */
  private record Outcome(int status, String out, String err) {}

  @TempDir private Path directory;
  private Path elsewhere;

  @BeforeEach
  void makeDirectory() throws IOException {
    elsewhere = Files.createDirectory(directory.resolve("a place"));
  }

  private Outcome simclr(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(ROOT + "/deploy/simclr"));
    command.addAll(Arrays.asList(arguments));
    return run(command, Map.of());
  }

  private Outcome run(List<String> command, Map<String, String> environment)
      throws IOException, InterruptedException {
    Path out = directory.resolve("out.txt");
    Path err = directory.resolve("err.txt");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(elsewhere.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().put("SIMCLR_BUILD", "no");
    builder.environment().put("SIMCLR_DRIVER_MEMORY", "1g");
    builder.environment().remove("SPARK_HOME");
    builder.environment().remove("OMP_NUM_THREADS");
    builder.environment().putAll(environment);
    Process process = builder.start();
    assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
    return new Outcome(
        process.exitValue(), Files.readString(out, UTF_8), Files.readString(err, UTF_8));
  }

  /** One line a mistake, the right status, no stack trace. */
  private static void assertMistake(Outcome outcome, int status, String... lines) {
    assertThat(outcome.err().lines().toList()).hasSize(lines.length);
    for (String line : lines) {
      assertThat(outcome.err()).contains(line);
    }
    assertThat(outcome.err().lines()).allMatch(line -> line.startsWith("simclr: "));
    assertThat(outcome.status()).isEqualTo(status);
  }

  @Test
  void helpNeedsNothing() throws Exception {
    Outcome outcome = simclr("--help");
    assertThat(outcome.status()).isZero();
    assertThat(outcome.out()).contains("pretrain", "evaluate", "bench");
    assertThat(outcome.err()).isEmpty();
  }

  @Test
  void aWrongConfigurationIsOneLineAMistake() throws Exception {
    assertMistake(
        simclr("pretrain", "--set", "loss.temperature=0", "--set", "train.bacth=8"),
        2,
        "simclr: --set: loss.temperature must be a number from 0.01 to 100, found 0.",
        "simclr: --set: train.bacth is not a known key. Did you mean train.batch?");
  }

  @Test
  void aConfigurationThatIsNotHoconIsOneLine() throws Exception {
    Files.writeString(elsewhere.resolve("my.conf"), "simclr {\n train { batch = 8\n", UTF_8);
    assertMistake(
        simclr("pretrain", "--conf", "my.conf"),
        2,
        "simclr: my.conf:2: must be closed, found no } for what begins here. Add it.");
    assertMistake(
        simclr("pretrain", "--conf", "other.conf"),
        2,
        "simclr: other.conf: the configuration file must exist, found none.");
  }

  @Test
  void aBatchBeyondTheImagesIsOneLine() throws Exception {
    Files.writeString(
        elsewhere.resolve("my.conf"),
        "simclr {\n data.train = \"" + IMAGES + "\"\n train.batch = 4096\n}\n",
        UTF_8);
    assertMistake(
        simclr("pretrain", "--conf", "my.conf"),
        2,
        "simclr: my.conf:3: train.batch must be at most");
  }

  @Test
  void dataThatCannotBeReadEndsWithThree() throws Exception {
    assertMistake(
        simclr("pretrain", "--set", "data.train=/no/such/images.bin"), 3, "/no/such/images.bin");
    byte[] bytes = Files.readAllBytes(Path.of(IMAGES));
    Path cut = Files.write(elsewhere.resolve("cut.bin"), Arrays.copyOf(bytes, 1_000_000));
    assertMistake(simclr("pretrain", "--set", "data.train=" + cut), 3, "cut.bin");
  }

  @Test
  void namesInEveryScriptWorkInTheLocaleOfContainers() throws Exception {
    ImageIO.write(
        new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB),
        "png",
        elsewhere.resolve("black.png").toFile());
    // The shell knows names as bytes: this JVM's own locale must have no part in them.
    Files.writeString(
        elsewhere.resolve("run"),
        """
        mkdir -p bär/café
        cp black.png bär/café/猫.png
        cp black.png bär/café/a.png
        echo note >bär/café/a.txt
        exec "$1" prepare --from bär --to out
        """,
        UTF_8);
    Outcome outcome =
        run(List.of("bash", "-e", "run", ROOT + "/deploy/simclr"), Map.of("LC_ALL", "C"));
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.status()).isZero();
    assertThat(outcome.out())
        .contains("2 images of 1 classes", "left out 1 file: 1 .txt, first café/a.txt");
  }

  @Test
  void optionsForSparkSubmitNeedASparkDistribution() throws Exception {
    assertMistake(simclr("pretrain", "--", "--num-executors", "4"), 1, "found --num-executors");
  }
}
