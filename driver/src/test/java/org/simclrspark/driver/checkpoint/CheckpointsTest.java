package org.simclrspark.driver.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.storage.Storage;
import org.simclrspark.driver.storage.StorageException;
import org.simclrspark.worker.machine.Isa;

class CheckpointsTest {

  private static final Environment ENVIRONMENT =
      new Environment("17", "1.0.0-M2.1", "linux-amd64", "cpu", "avx2", 2, Isa.NATIVE, "");
  private static final Map<String, Storage.Content> ENCODER =
      Map.of("encoder.zip", out -> out.write("an encoder".getBytes(UTF_8)));

  @TempDir private Path root;
  private final List<String> lines = new ArrayList<>();
  private Checkpoints checkpoints;

  @BeforeEach
  void open() {
    checkpoints = open(ENVIRONMENT);
  }

  private Checkpoints open(Environment environment) {
    org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(root.toUri());
    Storage storage = Storage.of(path, new Configuration(), lines::add);
    return new Checkpoints(storage, path, environment, lines::add);
  }

  private Path file(long step, String name) {
    return root.resolve(String.format(Locale.ROOT, "step-%08d", step)).resolve(name);
  }

  private List<String> directories() throws IOException {
    try (Stream<Path> found = Files.list(root)) {
      return found.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  private static void flip(Path file, int position) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[position] ^= 1;
    Files.write(file, bytes);
  }

  @Test
  void nothingSavedIsNothingFound() {
    assertThat(checkpoints.latest()).isEmpty();
    assertThat(lines).isEmpty();
  }

  @Test
  void everyBitComesBack() {
    TrainingState state = States.after(12, 300_000);
    checkpoints.save(state, ENCODER);
    States.assertSame(open(ENVIRONMENT).latest().orElseThrow(), state);
  }

  @Test
  void theFilesAreWhatTheReadmeSays() throws IOException {
    checkpoints.save(States.after(12), ENCODER);
    try (Stream<Path> files = Files.list(file(12, ""))) {
      assertThat(files.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "config.conf",
              "encoder.zip",
              "manifest.json",
              "optimizer-momentum.bin",
              "optimizer-variance.bin",
              "parameters.bin",
              "statistics.bin");
    }
    assertThat(file(12, "parameters.bin")).hasSize(4000);
    assertThat(file(12, "encoder.zip")).hasContent("an encoder");
    assertThat(file(12, "manifest.json"))
        .content()
        .contains(FloatBytes.sha256(States.after(12).parameters()));
  }

  @Test
  void theLastOneWins() {
    for (long step : new long[] {2, 30, 100}) {
      checkpoints.save(States.after(step), ENCODER);
    }
    States.assertSame(checkpoints.latest().orElseThrow(), States.after(100));
  }

  @Test
  void namesHaveTheSameDigitsInEveryLocale() throws IOException {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
    try {
      checkpoints.save(States.after(2), ENCODER);
      assertThat(directories()).containsExactly("step-00000002");
      States.assertSame(open(ENVIRONMENT).latest().orElseThrow(), States.after(2));
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void oneThatAnEarlierVersionNamedInDigitsOfALocaleIsFound() throws IOException {
    checkpoints.save(States.after(2), ENCODER);
    checkpoints.save(States.after(13), ENCODER);
    Files.move(file(13, ""), root.resolve("step-\u0660\u0660\u0660\u0660\u0660\u0660\u0661\u0663"));
    States.assertSame(checkpoints.latest().orElseThrow(), States.after(13));
    checkpoints.save(States.after(14), ENCODER);
    checkpoints.prune(1);
    assertThat(directories()).containsExactly("step-00000014");
  }

  @Test
  void oneWithoutManifestIsIgnoredAndNamed() throws IOException {
    checkpoints.save(States.after(1), ENCODER);
    checkpoints.save(States.after(2), ENCODER);
    Files.delete(file(2, "manifest.json"));
    States.assertSame(checkpoints.latest().orElseThrow(), States.after(1));
    assertThat(lines).singleElement().asString().contains("step-00000002", "incomplete");
  }

  @Test
  void onlyIncompleteOnesAreNothing() throws IOException {
    checkpoints.save(States.after(1), ENCODER);
    byte[] manifest = Files.readAllBytes(file(1, "manifest.json"));
    Files.write(file(1, "manifest.json"), Arrays.copyOf(manifest, manifest.length / 2));
    assertThat(checkpoints.latest()).isEmpty();
    assertThat(lines).singleElement().asString().contains("step-00000001", "cut off");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "config.conf",
        "encoder.zip",
        "manifest.json",
        "optimizer-momentum.bin",
        "parameters.bin",
        "statistics.bin"
      })
  void aFlippedByteIsRefusedByName(String name) throws IOException {
    checkpoints.save(States.after(1), ENCODER);
    checkpoints.save(States.after(2), ENCODER);
    flip(file(2, name), 7);
    States.assertSame(checkpoints.latest().orElseThrow(), States.after(1));
    assertThat(lines)
        .singleElement()
        .asString()
        .contains("Warning", "step-00000002", "damaged", name);
    flip(file(1, name), 7);
    assertThatThrownBy(checkpoints::latest)
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("step-00000001: " + name)
        .hasMessageContaining("delete");
  }

  @ParameterizedTest
  @ValueSource(strings = {"parameters.bin", "encoder.zip"})
  void aShortOrMissingFileIsDamage(String name) throws IOException {
    checkpoints.save(States.after(1), ENCODER);
    checkpoints.save(States.after(2), ENCODER);
    byte[] bytes = Files.readAllBytes(file(2, name));
    Files.write(file(2, name), Arrays.copyOf(bytes, bytes.length - 1));
    States.assertSame(checkpoints.latest().orElseThrow(), States.after(1));
    Files.delete(file(2, name));
    States.assertSame(checkpoints.latest().orElseThrow(), States.after(1));
    assertThat(lines.get(0))
        .contains(name + " must have " + bytes.length + " bytes, found " + (bytes.length - 1));
    assertThat(lines.get(1)).contains(name + " is missing");
  }

  @Test
  void aDirectoryUnderAnotherStepsNameIsDamage() throws IOException {
    checkpoints.save(States.after(1), ENCODER);
    Files.move(file(1, ""), file(9, ""));
    assertThatThrownBy(checkpoints::latest).hasMessageContaining("that of step 1");
  }

  @Test
  void savesOverWhatACutCommitLeft() throws IOException {
    Files.createDirectories(file(5, ""));
    Files.writeString(file(5, "parameters.bin"), "half");
    Files.writeString(file(5, "optimizer-old.bin"), "left over");
    checkpoints.save(States.after(5), ENCODER);
    States.assertSame(checkpoints.latest().orElseThrow(), States.after(5));
    assertThat(file(5, "optimizer-old.bin")).doesNotExist();
  }

  @Test
  void leavesAGoodOneOfTheSameStepButReplacesADamagedOne() throws IOException {
    checkpoints.save(States.after(5), ENCODER);
    Path manifest = file(5, "manifest.json");
    byte[] first = Files.readAllBytes(manifest);
    open(ENVIRONMENT).save(States.after(5), ENCODER);
    assertThat(manifest).hasBinaryContent(first);
    flip(file(5, "parameters.bin"), 0);
    open(ENVIRONMENT).save(States.after(5), ENCODER);
    States.assertSame(checkpoints.latest().orElseThrow(), States.after(5));
  }

  @Test
  void prunesAllButTheNewest() throws IOException {
    for (long step = 1; step <= 5; step++) {
      checkpoints.save(States.after(step), ENCODER);
    }
    checkpoints.prune(2);
    assertThat(directories()).containsExactly("step-00000004", "step-00000005");
  }

  @Test
  void neverPrunesTheLastGoodOne() throws IOException {
    for (long step = 1; step <= 4; step++) {
      checkpoints.save(States.after(step), ENCODER);
    }
    Files.delete(file(4, "manifest.json"));
    flip(file(3, "optimizer-momentum.bin"), 100);
    checkpoints.prune(1);
    assertThat(directories()).contains("step-00000002").doesNotContain("step-00000001");
    States.assertSame(checkpoints.latest().orElseThrow(), States.after(2));
  }

  @Test
  void warnsOfAnotherEnvironment() {
    checkpoints.save(States.after(1), ENCODER);
    open(new Environment(
            "17", "1.0.0-M2.1", "linux-amd64", "cpu", "avx2 avx512f", 4, Isa.NATIVE, ""))
        .latest();
    assertThat(lines)
        .singleElement()
        .asString()
        .contains("Warning", "threadsPerTask was 2 and is 4", "avx2 and is avx2 avx512f");
  }

  @Test
  void warnsOnceOfExecutorsThatDiffer() {
    Environment wider =
        new Environment("17", "1.0.0-M2.1", "linux-amd64", "cpu", "avx512f", 2, Isa.NATIVE, "");
    checkpoints.computedOn(ENVIRONMENT);
    checkpoints.computedOn(ENVIRONMENT);
    assertThat(lines).isEmpty();
    checkpoints.save(States.after(1), ENCODER);

    Checkpoints resumed = open(ENVIRONMENT);
    resumed.latest();
    resumed.computedOn(wider);
    resumed.computedOn(wider);
    assertThat(lines)
        .singleElement()
        .asString()
        .contains("an executor computes in another environment", "was avx2 and is avx512f");
  }

  /** Unless the run is held to instructions that all of them have. */
  @Test
  void refusesExecutorsOnOtherInstructionsWhereTheBitsWouldDependOnThem() {
    checkpoints.refuseMixtures();
    checkpoints.computedOn(environment("cpu", "avx2", Isa.NATIVE));
    checkpoints.computedOn(environment("another name", "avx2", Isa.NATIVE));
    assertThatThrownBy(() -> checkpoints.computedOn(environment("cpu", "avx512f", Isa.NATIVE)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("cpuFeatures was avx2 and is avx512f")
        .hasMessageContaining("worker.isa=avx2")
        .hasMessageContaining("worker.mixed-processors=true");

    Checkpoints held = open(environment("cpu", "avx2", Isa.AVX2));
    held.refuseMixtures();
    lines.clear();
    held.computedOn(environment("cpu", "avx2", Isa.AVX2));
    held.computedOn(environment("another", "avx2 avx512f", Isa.AVX2));
    assertThat(lines).isEmpty();
    assertThatThrownBy(() -> held.computedOn(environment("cpu", "avx2", Isa.NATIVE)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("isa was AVX2 and is NATIVE");
  }

  /** Manifests of earlier versions do not say what the engine was. */
  @Test
  void refusesExecutorsOnOtherDevices() {
    checkpoints.refuseMixtures();
    checkpoints.computedOn(on("libtorch on NVIDIA H100"));
    checkpoints.computedOn(on(""));
    assertThat(lines).isEmpty();
    assertThatThrownBy(() -> checkpoints.computedOn(on("onednn")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("engine was libtorch on NVIDIA H100 and is onednn. Use machines")
        .hasMessageContaining("worker.engine=onednn")
        .hasMessageContaining("worker.mixed-processors=true");

    Checkpoints mixed = open(on(""));
    mixed.computedOn(on("libtorch on NVIDIA H100"));
    mixed.computedOn(on("libtorch on NVIDIA A100"));
    assertThat(lines).singleElement().asString().contains("engine was libtorch on NVIDIA H100");
  }

  private static Environment on(String engine) {
    return new Environment("17", "1.0.0-M2.1", "linux-amd64", "cpu", "avx2", 2, Isa.NATIVE, engine);
  }

  private static Environment environment(String cpu, String features, Isa isa) {
    return new Environment("17", "1.0.0-M2.1", "linux-amd64", cpu, features, 2, isa, "");
  }

  @Test
  void refusesAFileNamedLikeOneOfTheState() {
    assertThatThrownBy(() -> checkpoints.save(States.after(1), Map.of("parameters.bin", out -> {})))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("parameters.bin");
  }

  @Test
  void knowsItsEnvironment() {
    Environment current = Environment.current(2);
    assertThat(current.nd4j()).isEqualTo("1.0.0-M2.1");
    assertThat(current.java()).startsWith("17");
    assertThat(current.differences(Environment.current(2))).isEmpty();
  }
}
