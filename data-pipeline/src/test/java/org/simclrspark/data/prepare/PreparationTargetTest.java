package org.simclrspark.data.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.LocalSpark;
import org.simclrspark.data.TestDatasets;
import org.simclrspark.data.index.DatasetSpec;
import org.simclrspark.data.prepare.PrepareSettings.Form;
import org.simclrspark.data.source.PreparedDataset;
import org.simclrspark.data.source.TestImages;

/** What is in the target is replaced when the new dataset is whole, and never otherwise. */
class PreparationTargetTest {
  private static final int COUNT = 12;

  private final JavaSparkContext spark = LocalSpark.context();

  @TempDir Path directory;
  private Path from;
  private Path to;

  @BeforeEach
  void write() throws IOException {
    from = directory.resolve("from");
    to = directory.resolve("to");
    TestImages.folder(from, TestImages.images(COUNT));
  }

  @Test
  void replacesADatasetAndLeavesNothingOfIt() throws IOException {
    prepare(Form.KEEP, false);
    assertThatThrownBy(() -> prepare(Form.RAW, false))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("was prepared otherwise")
        .hasMessageContaining("--overwrite");
    assertThat(prepare(Form.RAW, true).generation()).isEqualTo(2);
    assertThat(images()).hasSize(COUNT);
    assertThat(files(to).keySet()).noneMatch(name -> name.contains("000001"));
  }

  @Test
  void aFinishedDatasetIsLeftAlone() throws IOException {
    PreparedDataset first = prepare(Form.KEEP, false);
    Map<String, byte[]> before = files(to);
    assertThat(prepare(Form.KEEP, false).seconds()).isEqualTo(first.seconds());
    assertThat(files(to)).containsExactlyEntriesOf(before);
  }

  @Test
  void aDatasetWhoseSourceHasChangedIsNotTakenForTheSame() throws IOException {
    prepare(Form.KEEP, false);
    addAnImage();
    assertThatThrownBy(() -> prepare(Form.KEEP, false))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("12 images, now 13");
    assertThat(prepare(Form.KEEP, true).images()).isEqualTo(COUNT + 1);
  }

  /** The two commands of the report that deleted what they should have replaced, and others. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "%1$s/typo",
        "%2$s",
        "%2$s/",
        "file:%2$s",
        "file://%2$s",
        "%1$s/../%3$s/to",
        "%1$s/link",
        "%1$s/t?",
        "%2$s/images-*.parquet",
        "%1$s",
        "%1$s/empty",
      })
  void aWrongSourceTouchesNothing(String wrong) throws IOException {
    prepare(Form.KEEP, false);
    Files.createSymbolicLink(directory.resolve("link"), to);
    Files.createDirectories(directory.resolve("empty"));
    Map<String, byte[]> before = files(to);
    from = Path.of("unused");
    String source = String.format(Locale.ROOT, wrong, directory, to, directory.getFileName());
    assertThatThrownBy(
            () ->
                Preparation.of(
                    spark,
                    new PrepareSettings(
                        DatasetSpec.train(source, "auto"), to.toString(), 0, Form.KEEP, 90, true)))
        .isInstanceOf(DataException.class)
        .hasMessageMatching(
            ".*(nothing is at|must hold|one lies in the other|no image|in one format).*");
    assertThat(files(to)).containsExactlyEntriesOf(before);
  }

  @Test
  void aTargetWithinTheSourceIsRefused() throws IOException {
    for (Path target :
        List.of(
            from,
            from.resolve("ant/prepared"),
            from.resolve("not/yet/there"),
            Files.createSymbolicLink(directory.resolve("other"), from).resolve("new"))) {
      to = target;
      assertThatThrownBy(() -> prepare(Form.KEEP, true))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("one lies in the other");
    }
    assertThat(files(from)).hasSize(COUNT);
  }

  @Test
  void whatWasNotPreparedIsNeverTouched() throws IOException {
    prepare(Form.KEEP, false);
    for (String foreign :
        List.of(
            "thesis.tex",
            "notes/thesis.tex",
            "images-1.parquet",
            "_preparing/thesis.tex",
            "_preparing/000001-0123456789abcdef0123456789abcdef/thesis.tex")) {
      Path file = to.resolve(foreign);
      Files.createDirectories(file.getParent());
      Files.writeString(file, "years of work");
      Map<String, byte[]> before = files(to);
      assertThatThrownBy(() -> prepare(Form.RAW, true))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("holds something else, " + foreign.replaceAll("notes/.*", "notes"));
      assertThat(files(to)).containsExactlyEntriesOf(before);
      Files.delete(file);
      Files.deleteIfExists(to.resolve("notes"));
    }
  }

  @Test
  void filesThatLookPreparedAreNotWithoutASummary() throws IOException {
    Files.createDirectories(to);
    Files.writeString(to.resolve("images-000001-00000.parquet"), "whose is it?");
    assertThatThrownBy(() -> prepare(Form.KEEP, true)).hasMessageContaining("something else");
  }

  @Test
  void aFileIsNoTarget() throws IOException {
    Files.writeString(to, "thesis");
    assertThatThrownBy(() -> prepare(Form.KEEP, true)).hasMessageContaining("is a file");
    assertThat(Files.readString(to)).isEqualTo("thesis");
  }

  @Test
  void goesOnWhereItWasInterrupted() throws IOException {
    interrupt(1);
    Path part = onlyPart();
    var written = Files.getLastModifiedTime(part);
    // What attempts leave that died while they wrote: half a part, and half a report of another.
    Files.writeString(part.resolveSibling(name(2) + ".parquet"), "cut of");
    Files.writeString(part.resolveSibling(name(0) + ".json"), "{\"file\":\"x.par");
    Files.writeString(part.resolveSibling(name(2) + ".json"), "{\"file\":\"gone\",\"length\":7}");
    assertThatThrownBy(() -> TestDatasets.open(to.toString(), "parquet"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("interrupted; run the same simclr prepare again");

    List<Long> progress = new ArrayList<>();
    PreparedDataset found =
        Preparation.of(spark, settings(Form.KEEP, false))
            .run((read, done, total) -> progress.add(done), () -> {});
    assertThat(found.images()).isEqualTo(COUNT);
    assertThat(progress.get(0)).isEqualTo(3);
    assertThat(Files.getLastModifiedTime(to.resolve("images-000001-00001.parquet")))
        .isEqualTo(written);
    assertThat(images()).hasSize(COUNT);
    assertThat(to.resolve("_preparing")).doesNotExist();
  }

  @Test
  void beginsAnewWhenTheSourceHasChangedSinceTheInterruption() throws IOException {
    interrupt(1);
    addAnImage();
    assertThat(prepare(Form.KEEP, false).images()).isEqualTo(COUNT + 1);
    assertThat(images()).hasSize(COUNT + 1);
  }

  @Test
  void theBeginningOfAnotherDatasetIsReplacedOnDemand() throws IOException {
    interrupt(1);
    assertThatThrownBy(() -> prepare(Form.RAW, false))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("the beginning of a dataset");
    assertThat(prepare(Form.RAW, true).recipe().form()).isEqualTo("RAW");
  }

  @Test
  void aPreparationThatMayNotGoOnLeavesTheDatasetAsItIs() throws IOException {
    PreparedDataset before = prepare(Form.KEEP, false);
    Preparation preparation = Preparation.of(spark, settings(Form.RAW, true));
    assertThatThrownBy(
            () ->
                preparation.run(
                    (read, done, total) -> {},
                    () -> {
                      throw new IllegalStateException("another has the lock");
                    }))
        .hasMessage("another has the lock");
    assertThat(PreparedDataset.in(hadoop(to), hadoop(to).getFileSystem(new Configuration())))
        .hasValueSatisfying(now -> assertThat(now.parts()).isEqualTo(before.parts()));
    assertThat(images()).hasSize(COUNT);
    assertThat(prepare(Form.RAW, true).generation()).isEqualTo(2);
  }

  @Test
  void aDatasetWithAMissingFileIsRefused() throws IOException {
    PreparedDataset dataset = prepare(Form.KEEP, false);
    Path part = to.resolve(dataset.parts().get(1).name());
    byte[] bytes = Files.readAllBytes(part);
    Files.write(part, new byte[10]);
    assertThatThrownBy(this::images)
        .hasMessageContaining(part.getFileName() + " has 10 bytes instead of " + bytes.length);
    Files.delete(part);
    assertThatThrownBy(this::images)
        .hasMessageContaining(part.getFileName() + " is missing")
        .hasMessageContaining("--overwrite");
  }

  /** Writes one part, and dies. */
  private void interrupt(int part) throws IOException {
    Configuration hadoop = TargetFiles.withoutChecksums(hadoop(to), spark.hadoopConfiguration());
    PreparedDirectory target = new PreparedDirectory(to.toString(), hadoop);
    Preparation preparation = Preparation.of(spark, settings(Form.KEEP, false));
    PreparedDirectory.Work work =
        target.begin(
            target.look(), preparation.recipe(TestDatasets.open(from.toString(), "folder")), 3);
    List<ImageRecord> source = TestDatasets.read(from.toString(), "folder");
    new PartWriter(target.partsOf(work), settings(Form.KEEP, false), hadoop)
        .write(part, source.subList(3 * part, 3 * part + 3).iterator());
  }

  private Path onlyPart() throws IOException {
    try (Stream<Path> files = Files.walk(to.resolve("_preparing"))) {
      return files.filter(file -> file.toString().endsWith(".parquet")).findFirst().orElseThrow();
    }
  }

  private static String name(int part) {
    return "0000" + part + "-0123456789abcdef0123456789abcdef";
  }

  private void addAnImage() throws IOException {
    Path image = from.resolve("ant/new.png");
    Files.write(image, TestImages.images(2).get("bee/001.png"));
  }

  private PrepareSettings settings(Form form, boolean overwrite) {
    return new PrepareSettings(
        DatasetSpec.train(from.toString(), "folder"), to.toString(), 0, form, 90, overwrite);
  }

  private PreparedDataset prepare(Form form, boolean overwrite) {
    return Preparation.of(spark, settings(form, overwrite))
        .run((read, done, total) -> {}, () -> {});
  }

  private List<ImageRecord> images() {
    return TestDatasets.read(to.toString(), "auto");
  }

  private static org.apache.hadoop.fs.Path hadoop(Path path) {
    return new org.apache.hadoop.fs.Path(path.toUri());
  }

  /** Every file below a directory with its bytes. */
  private static Map<String, byte[]> files(Path root) throws IOException {
    Map<String, byte[]> found = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      files
          .filter(Files::isRegularFile)
          .forEach(
              file -> {
                try {
                  found.put(root.relativize(file).toString(), Files.readAllBytes(file));
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
    return found;
  }
}
