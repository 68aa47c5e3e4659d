package org.simclrspark.data.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.ImageRecord.Encoding;
import org.simclrspark.data.LocalSpark;
import org.simclrspark.data.TestDatasets;
import org.simclrspark.data.bench.SyntheticPhotos;
import org.simclrspark.data.decode.DecodeLimits;
import org.simclrspark.data.decode.ImageDecoder;
import org.simclrspark.data.decode.Pixels;
import org.simclrspark.data.index.Dataset;
import org.simclrspark.data.index.DatasetSpec;
import org.simclrspark.data.prepare.PrepareSettings.Form;
import org.simclrspark.data.source.PreparedDataset;
import org.simclrspark.data.source.TestImages;

class PreparationTest {
  private static final int COUNT = 24;

  private final JavaSparkContext spark = LocalSpark.context();

  @TempDir Path directory;
  private Path from;
  private Path to;
  private SortedMap<String, byte[]> images;

  @BeforeEach
  void write() throws IOException {
    from = directory.resolve("from");
    to = directory.resolve("to");
    images = TestImages.images(COUNT);
    TestImages.folder(from, images);
  }

  @Test
  void keepsTheImagesInTheirOrder() throws IOException {
    PreparedDataset summary = run(settings(0, Form.KEEP));
    assertThat(summary.images()).isEqualTo(COUNT);
    assertThat(summary.rejected()).isZero();
    assertThat(summary.labels())
        .containsExactly(entry("ant", 8L), entry("bee", 8L), entry("cat", 8L));
    assertThat(summary.widthMin()).isEqualTo(40);
    assertThat(summary.widthMax()).isEqualTo(44);
    assertThat(summary.heightMin()).isEqualTo(36);
    assertThat(summary.heightMax()).isEqualTo(38);
    assertThat(summary.sourceBytes()).isEqualTo(bytes(images));
    assertThat(summary.bytes()).isEqualTo(bytes(images));
    Path unused = directory.resolve("unused");
    Dataset opened =
        TestDatasets.open(to.toString(), "auto", new org.apache.hadoop.fs.Path(unused.toUri()));
    assertThat(opened.sequentialOnly()).isNull();
    assertThat(opened.classes()).containsExactly("ant", "bee", "cat");
    assertThat(unused).as("another index than the one beside the images").doesNotExist();
    List<ImageRecord> found = read();
    int id = 0;
    for (Map.Entry<String, byte[]> image : images.entrySet()) {
      assertThat(found.get(id).id()).isEqualTo(id);
      assertThat(found.get(id).label()).isEqualTo(image.getKey().substring(0, 3));
      assertThat(found.get(id).bytes()).isEqualTo(image.getValue());
      assertThat(found.get(id).name()).endsWith(image.getKey());
      id++;
    }
    assertThat(Files.readString(to.resolve("_rejected-000001.jsonl"))).isEmpty();
    try (Stream<Path> files = Files.list(to)) {
      // Other tools take every file whose name has no underscore or dot in front for Parquet.
      assertThat(files.map(file -> file.getFileName().toString()))
          .allMatch(
              name ->
                  name.matches(
                      "images-000001-\\d{5}.parquet|_dataset-000001.json|_rejected.*|_index"));
    }
  }

  @Test
  void listsWhatCannotBeDecodedAndCountsIdsAnew() throws IOException {
    List<String> names = List.copyOf(images.keySet());
    byte[] damaged = images.get(names.get(5));
    Files.write(from.resolve(names.get(5)), Arrays.copyOf(damaged, damaged.length / 2));
    Files.write(from.resolve(names.get(20)), new byte[0]);
    PreparedDataset summary = run(settings(0, Form.KEEP));
    assertThat(summary.images()).isEqualTo(COUNT - 2);
    assertThat(summary.rejected()).isEqualTo(2);
    assertThat(Files.readAllLines(to.resolve("_rejected-000001.jsonl")))
        .satisfiesExactly(
            line -> assertThat(line).contains("\"id\":5,", names.get(5), "pixels are missing"),
            line -> assertThat(line).contains("\"id\":20,", names.get(20), "the file is empty"));
    List<ImageRecord> found = read();
    assertThat(found).hasSize(COUNT - 2);
    assertThat(found.get(5).name()).endsWith(names.get(6));
    assertThat(found.get(21).id()).isEqualTo(21);
  }

  /** Browsers show a JPEG without its end marker. */
  @Test
  void keepsAndCountsWhatIsDamagedButCanBeShown() throws IOException {
    String name = images.keySet().stream().filter(file -> file.endsWith(".jpg")).findFirst().get();
    byte[] whole = images.get(name);
    Files.write(from.resolve(name), Arrays.copyOf(whole, whole.length - 2));
    PreparedDataset summary = run(settings(0, Form.KEEP));
    assertThat(summary.images()).isEqualTo(COUNT);
    assertThat(summary.rejected()).isZero();
    assertThat(summary.repaired()).isEqualTo(1);
    assertThat(summary.firstRepaired()).contains(name + ": ");
  }

  @Test
  void shrinksTheShorterSide() throws Exception {
    Files.write(
        from.resolve("ant/000-large.jpg"),
        SyntheticPhotos.jpeg(SyntheticPhotos.photo(310, 200, 1), 0.9f));
    PreparedDataset summary = run(settings(38, Form.KEEP));
    assertThat(summary.widthMax()).isEqualTo(59);
    assertThat(summary.heightMax()).isEqualTo(38);
    ImageRecord large = read().stream().filter(i -> i.name().contains("large")).findFirst().get();
    Pixels pixels = new Pixels();
    new ImageDecoder(DecodeLimits.DEFAULT).decode(large, pixels);
    assertThat(pixels.width()).isEqualTo(59);
    assertThat(pixels.height()).isEqualTo(38);
  }

  @Test
  void storesPixelsThatNeedNoDecoding() throws Exception {
    run(settings(0, Form.RAW));
    Pixels expected = new Pixels();
    Pixels found = new Pixels();
    ImageDecoder decoder = new ImageDecoder(DecodeLimits.DEFAULT);
    List<byte[]> files = List.copyOf(images.values());
    for (ImageRecord image : read()) {
      assertThat(image.encoding()).isEqualTo(Encoding.RAW);
      byte[] file = files.get((int) image.id());
      decoder.decode(new ImageRecord(0, null, "", Encoding.FILE, file), expected);
      decoder.decode(image, found);
      assertThat(found.width()).isEqualTo(expected.width());
      int count = found.width() * found.height();
      for (int i = 0; i < count; i++) {
        assertThat(found.words()[i] >>> 8).isEqualTo(expected.words()[i] >>> 8);
      }
    }
  }

  @Test
  void givesUpTheSparkJobWhenItsCallerFails() {
    Preparation preparation = Preparation.of(spark, settings(0, Form.KEEP));
    assertThatThrownBy(
            () ->
                preparation.run(
                    (read, done, total) -> {
                      throw new IllegalStateException("the terminal is gone");
                    },
                    () -> {}))
        .hasMessage("the terminal is gone");
    assertThat(run(settings(0, Form.KEEP)).images()).isEqualTo(COUNT);
  }

  @Test
  void refusesToMakeADatasetOfNothing() throws IOException {
    for (String name : images.keySet()) {
      Files.write(from.resolve(name), new byte[0]);
    }
    assertThatThrownBy(() -> run(settings(0, Form.KEEP)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("none of 24 can")
        .hasMessageContaining("the file is empty");
  }

  private PrepareSettings settings(int shorterSide, Form form) {
    return new PrepareSettings(
        DatasetSpec.train(from.toString(), "folder"), to.toString(), shorterSide, form, 90, false);
  }

  private PreparedDataset run(PrepareSettings settings) {
    return Preparation.of(spark, settings)
        .run(
            (read, done, total) ->
                assertThat(done).isLessThanOrEqualTo(read).isLessThanOrEqualTo(total),
            () -> {});
  }

  private List<ImageRecord> read() {
    return TestDatasets.read(to.toString(), "auto");
  }

  private static long bytes(Map<String, byte[]> images) {
    return images.values().stream().mapToLong(file -> file.length).sum();
  }
}
