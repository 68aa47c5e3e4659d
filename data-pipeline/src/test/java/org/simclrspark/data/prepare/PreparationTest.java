package org.simclrspark.data.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.apache.hadoop.conf.Configuration;
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
import org.simclrspark.data.prepare.PrepareSettings.Form;
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
    Map<String, Object> summary = run(settings(0, Form.KEEP, false));
    assertThat(summary)
        .containsEntry("images", (long) COUNT)
        .containsEntry("rejected", 0)
        .containsEntry("classes", 3L)
        .containsEntry("width_min", 40)
        .containsEntry("width_max", 44)
        .containsEntry("height_min", 36)
        .containsEntry("height_max", 38)
        .containsEntry("source_bytes", bytes(images))
        .containsEntry("bytes", bytes(images));
    List<ImageRecord> found = read();
    int id = 0;
    for (Map.Entry<String, byte[]> image : images.entrySet()) {
      assertThat(found.get(id).id()).isEqualTo(id);
      assertThat(found.get(id).label()).isEqualTo(image.getKey().substring(0, 3));
      assertThat(found.get(id).bytes()).isEqualTo(image.getValue());
      assertThat(found.get(id).name()).endsWith(image.getKey());
      id++;
    }
    assertThat(Files.readString(to.resolve("rejected.jsonl"))).isEmpty();
    assertThat(to.resolve("_preparing")).doesNotExist();
  }

  @Test
  void listsWhatCannotBeDecodedAndCountsIdsAnew() throws IOException {
    List<String> names = List.copyOf(images.keySet());
    byte[] damaged = images.get(names.get(5));
    Files.write(from.resolve(names.get(5)), Arrays.copyOf(damaged, damaged.length / 2));
    Files.write(from.resolve(names.get(20)), new byte[0]);
    Map<String, Object> summary = run(settings(0, Form.KEEP, false));
    assertThat(summary).containsEntry("images", COUNT - 2L).containsEntry("rejected", 2);
    assertThat(Files.readAllLines(to.resolve("rejected.jsonl")))
        .satisfiesExactly(
            line -> assertThat(line).contains("\"id\":5,", names.get(5), "truncated"),
            line -> assertThat(line).contains("\"id\":20,", names.get(20), "the file is empty"));
    List<ImageRecord> found = read();
    assertThat(found).hasSize(COUNT - 2);
    assertThat(found.get(5).name()).endsWith(names.get(6));
    assertThat(found.get(21).id()).isEqualTo(21);
  }

  @Test
  void shrinksTheShorterSide() throws Exception {
    Files.write(
        from.resolve("ant/000-large.jpg"),
        SyntheticPhotos.jpeg(SyntheticPhotos.photo(310, 200, 1), 0.9f));
    Map<String, Object> summary = run(settings(38, Form.KEEP, false));
    assertThat(summary).containsEntry("width_max", 59).containsEntry("height_max", 38);
    ImageRecord large = read().stream().filter(i -> i.name().contains("large")).findFirst().get();
    Pixels pixels = new Pixels();
    new ImageDecoder(DecodeLimits.DEFAULT).decode(large, pixels);
    assertThat(pixels.width()).isEqualTo(59);
    assertThat(pixels.height()).isEqualTo(38);
  }

  @Test
  void storesPixelsThatNeedNoDecoding() throws Exception {
    run(settings(0, Form.RAW, false));
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
  void goesOnWhereItWasInterrupted() throws IOException {
    PrepareSettings settings = settings(0, Form.KEEP, false);
    Configuration hadoop = spark.hadoopConfiguration();
    int perFile = new PreparedDirectory(settings, hadoop).begin(COUNT, 7);
    List<ImageRecord> source = TestDatasets.read(from.toString(), "folder").subList(7, 14);
    PreparedDirectory.writer(settings, hadoop).write(1, source.iterator());
    Files.writeString(to.resolve("_preparing/.images-00002.parquet.partial"), "cut of");
    var written = Files.getLastModifiedTime(to.resolve("_preparing/images-00001.parquet"));
    assertThatThrownBy(() -> TestDatasets.open(to.toString(), "parquet"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("interrupted");

    List<Long> progress = new ArrayList<>();
    assertThat(Preparation.run(spark, settings, (read, done, total) -> progress.add(done)))
        .containsEntry("images", (long) COUNT)
        .containsEntry("files", 4);
    assertThat(progress.get(0)).isEqualTo(perFile);
    assertThat(progress.get(progress.size() - 1)).isEqualTo(COUNT);
    assertThat(Files.getLastModifiedTime(to.resolve("images-00001.parquet"))).isEqualTo(written);
    List<byte[]> files = List.copyOf(images.values());
    for (ImageRecord image : read()) {
      assertThat(image.bytes()).isEqualTo(files.get((int) image.id()));
    }
    assertThat(to.resolve("_preparing")).doesNotExist();
  }

  @Test
  void givesUpTheSparkJobWhenItsCallerFails() {
    assertThatThrownBy(
            () ->
                Preparation.run(
                    spark,
                    settings(0, Form.KEEP, false),
                    (read, done, total) -> {
                      throw new IllegalStateException("the terminal is gone");
                    }))
        .hasMessage("the terminal is gone");
    assertThat(run(settings(0, Form.KEEP, false))).containsEntry("images", (long) COUNT);
  }

  @Test
  void aFinishedDatasetIsLeftAlone() throws IOException {
    PrepareSettings settings = settings(0, Form.KEEP, false);
    run(settings);
    var written = Files.getLastModifiedTime(to.resolve("images-00000.parquet"));
    List<Long> progress = new ArrayList<>();
    Map<String, Object> again =
        Preparation.run(spark, settings, (read, done, total) -> progress.add(done));
    assertThat(progress).isEmpty();
    assertThat(again).containsEntry("images", COUNT);
    assertThat(Files.getLastModifiedTime(to.resolve("images-00000.parquet"))).isEqualTo(written);
  }

  @Test
  void refusesADirectoryThatHoldsSomethingElse() throws IOException {
    Files.createDirectories(to);
    Files.writeString(to.resolve("thesis.tex"), "years of work");
    assertThatThrownBy(() -> run(settings(0, Form.KEEP, true)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("holds something else");
    assertThat(to.resolve("thesis.tex")).exists();
  }

  @Test
  void refusesADatasetThatWasPreparedOtherwise() throws IOException {
    run(settings(0, Form.KEEP, false));
    assertThatThrownBy(() -> run(settings(0, Form.RAW, false)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("prepared otherwise");
    assertThat(run(settings(0, Form.RAW, true))).containsEntry("images", (long) COUNT);
    assertThat(read().get(0).encoding()).isEqualTo(Encoding.RAW);
  }

  private PrepareSettings settings(int shorterSide, Form form, boolean overwrite) {
    return new PrepareSettings(
        from.toString(), "folder", to.toString(), shorterSide, form, 90, overwrite);
  }

  private Map<String, Object> run(PrepareSettings settings) {
    return Preparation.run(
        spark,
        settings,
        (read, done, total) ->
            assertThat(done).isLessThanOrEqualTo(read).isLessThanOrEqualTo(total));
  }

  private List<ImageRecord> read() {
    return TestDatasets.read(to.toString(), "auto");
  }

  private static long bytes(Map<String, byte[]> images) {
    return images.values().stream().mapToLong(file -> file.length).sum();
  }
}
