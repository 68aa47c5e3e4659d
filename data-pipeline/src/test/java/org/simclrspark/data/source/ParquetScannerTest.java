package org.simclrspark.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.simclrspark.data.source.ParquetScans.append;
import static org.simclrspark.data.source.ParquetScans.photo;
import static org.simclrspark.data.source.ParquetScans.put;
import static org.simclrspark.data.source.ParquetScans.rows;
import static org.simclrspark.data.source.ParquetScans.scan;
import static org.simclrspark.data.source.ParquetScans.scanner;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.simclrspark.data.DataException;
import org.simclrspark.data.index.DatasetSpec.Columns;
import org.simclrspark.data.index.DatasetSpec.Split;
import org.simclrspark.data.index.ImageScan;
import org.simclrspark.data.index.ScanUnit;
import org.simclrspark.data.source.ParquetScans.Row;

/** Tables as other tools write them. */
class ParquetScannerTest {
  private static final String PLAIN = "required binary image; optional int64 label;";

  @TempDir Path directory;

  @Test
  void theUsersIdsAndEncodingsAreNotOurs() throws IOException {
    new ParquetTable("required int64 id; required binary image; required binary encoding (STRING);")
        .write(
            directory.resolve("a.parquet"),
            rows(
                5,
                (row, i) ->
                    put(row.append("id", 900L - i).append("encoding", "utf-8"), "image", i)));
    assertThat(scan(directory)).extracting(Row::value).containsExactly(0, 1, 2, 3, 4);
  }

  @ParameterizedTest
  @CsvSource({
    "optional int32 label;, 7",
    "optional int64 labels;, 7",
    "optional int32 class (UINT_8);, 7",
    "optional binary category (STRING);, seven",
    "optional binary label (ENUM);, seven",
    "optional double target;, 7",
    "optional float label;, 7",
    "optional boolean label;, true",
  })
  void labelsOfEveryTypeAreTheirText(String column, String expected) throws IOException {
    String name = column.split(" ", -1)[2].replace(";", "");
    new ParquetTable("required binary image; " + column)
        .write(
            directory.resolve("a.parquet"),
            row -> append(put(row, "image", 0), name, expected),
            row -> put(row, "image", 1));
    assertThat(scan(directory)).extracting(Row::label).containsExactly(expected, null);
  }

  @Test
  void namedColumnsCountBeforeUsualOnes() throws IOException {
    new ParquetTable(
            "required binary image; required binary photo; optional int32 label;"
                + " optional binary species (STRING);")
        .write(
            directory.resolve("a.parquet"),
            row ->
                put(put(row, "image", 1), "photo", 2).append("label", 3).append("species", "ox"));
    Row found = scan(directory, Split.TRAIN, new Columns("photo", "species")).get(0);
    assertThat(found.value()).isEqualTo(2);
    assertThat(found.label()).isEqualTo("ox");
    assertRefused(new Columns("phoot", null), "has no phoot", "Did you mean photo?");
    assertRefused(new Columns(null, "Label2"), "data.columns.label", "Did you mean label?");
    assertRefused(new Columns("species", null), "must name a binary column", "is string");
    assertRefused(new Columns(null, "photo"), "a column of texts or numbers", "photo");
  }

  @Test
  void severalLabelsMustBeChosenFrom() throws IOException {
    new ParquetTable("required binary img; required int64 fine_label; required int64 coarse_label;")
        .write(
            directory.resolve("a.parquet"),
            row -> put(row, "img", 1).append("fine_label", 11L).append("coarse_label", 2L));
    assertRefused(Columns.FOUND, "[fine_label, coarse_label]", "data.columns.label");
    assertThat(scan(directory, Split.TRAIN, new Columns(null, "coarse_label")).get(0).label())
        .isEqualTo("2");
  }

  @Test
  void aTableWithoutImagesIsRefused() throws IOException {
    new ParquetTable("required binary a (STRING); required int32 b;")
        .write(directory.resolve("a.parquet"), row -> row.append("a", "x").append("b", 1));
    assertRefused(Columns.FOUND, "one binary column with images", "a (string), b (int32)");
  }

  @Test
  void huggingFacesDatasetsWorkAsTheyAre() throws IOException {
    Files.createDirectories(directory.resolve("data"));
    Files.writeString(directory.resolve("README.md"), "# A dataset");
    ParquetTable table =
        ParquetTable.huggingFace(
            "optional group photo { optional binary bytes; optional binary path (STRING); }"
                + " optional int64 species; optional binary other;",
            "\"photo\": {\"_type\": \"Image\"}, \"other\": {\"_type\": \"Value\"},"
                + " \"species\": {\"names\": [\"sea lion\", \"ox\"], \"_type\": \"ClassLabel\"}");
    for (int file = 0; file < 2; file++) {
      int first = file * 2;
      table.write(
          directory.resolve("data/train-0000" + file + "-of-00002.parquet"),
          row -> photo(row, first, "n1.jpg").append("species", 1L),
          row -> photo(row, first + 1, null).append("species", 0L));
    }
    table.write(
        directory.resolve("data/test-00000-of-00001.parquet"),
        row -> photo(row, 4, null).append("species", -1L));
    table.write(
        directory.resolve("data/validation-00000-of-00001.parquet"),
        row -> photo(row, 5, null).append("species", 1L));
    assertThat(scan(directory))
        .extracting(Row::label, Row::name, Row::value)
        .containsExactly(
            tuple("ox", "n1.jpg", 0),
            tuple("sea lion", "1", 1),
            tuple("ox", "n1.jpg", 2),
            tuple("sea lion", "1", 3));
    assertThat(scan(directory, Split.TEST, Columns.FOUND))
        .extracting(Row::label, Row::value)
        .containsExactly(tuple(null, 4));
    assertThat(
            scanner(directory, Split.TRAIN, Columns.FOUND)
                .list(new Configuration())
                .leftOut()
                .describe())
        .isEqualTo("left out 3 files: 2 of another split, 1 .md, first README.md");
  }

  @Test
  void aLabelBeyondTheNamesIsRefused() throws IOException {
    ParquetTable.huggingFace(PLAIN, "\"label\": {\"names\": [\"ox\"], \"_type\": \"ClassLabel\"}")
        .write(directory.resolve("a.parquet"), row -> put(row, "image", 1).append("label", 1L));
    assertRefused(Columns.FOUND, "one of 1 classes", "column label holds 1");
  }

  @Test
  void aPathIsNoImage() throws IOException {
    ParquetTable.huggingFace(
            "optional group image { optional binary bytes; optional binary path (STRING); }",
            "\"image\": {\"_type\": \"Image\"}")
        .write(
            directory.resolve("a.parquet"), row -> row.addGroup("image").append("path", "x.jpg"));
    ParquetScanner scanner = scanner(directory, Split.TRAIN, Columns.FOUND);
    ScanUnit unit = scanner.list(new Configuration()).units().get(0);
    try (ImageScan scan = scanner.open(unit, true, new Configuration())) {
      assertThatThrownBy(scan::next)
          .isInstanceOf(DataException.class)
          .hasMessageContaining("has only a path, x.jpg");
    }
  }

  @Test
  void aMissingImageIsAnEmptyOne() throws IOException {
    new ParquetTable("optional binary image;")
        .write(directory.resolve("a.parquet"), row -> {}, row -> put(row, "image", 3));
    assertThat(scan(directory)).extracting(Row::value).containsExactly(-1, 3);
  }

  @ParameterizedTest
  @CsvSource({
    "train.parquet, test.parquet, valid.parquet, train.parquet, test.parquet",
    "a/train/0.parquet, a/test/0.parquet, a/dev/0.parquet, a/train/0.parquet, a/test/0.parquet",
    "x.parquet, x_val.parquet, x_val2.parquet, x.parquet, x_val.parquet",
    "train/label=test/0.parquet, eval/label=train/0.parquet, readme.parquet,"
        + " train/label=test/0.parquet, eval/label=train/0.parquet",
    "contest.parquet, training.parquet, latest.parquet, training.parquet, contest.parquet",
  })
  void splitsAreToldByNames(String a, String b, String c, String train, String test)
      throws IOException {
    int value = 0;
    for (String name : List.of(a, b, c)) {
      int number = value++;
      Files.createDirectories(directory.resolve(name).getParent());
      new ParquetTable(PLAIN).write(directory.resolve(name), row -> put(row, "image", number));
    }
    assertThat(scan(directory).get(0).value()).isEqualTo(List.of(a, b, c).indexOf(train));
    assertThat(scan(directory, Split.TEST, Columns.FOUND).get(0).value())
        .isEqualTo(List.of(a, b, c).indexOf(test));
  }

  @Test
  void namesThatTellNothingApartDoNotCount() throws IOException {
    for (String name : List.of("test-0.parquet", "test-1.parquet")) {
      new ParquetTable(PLAIN).write(directory.resolve(name), row -> put(row, "image", 1));
    }
    assertThat(scan(directory)).hasSize(2);
  }

  @Test
  void hivesDirectoriesAreLabels() throws IOException {
    int value = 0;
    for (String name :
        List.of(
            "date=2026-01-01/label=%2Fsea%20lion+%C3%B6/p.parquet",
            "date=2026-01-01/label=__HIVE_DEFAULT_PARTITION__/p.parquet",
            "date=2026-01-02/label=ox/p.parquet")) {
      int number = value++;
      Files.createDirectories(directory.resolve(name).getParent());
      new ParquetTable("required binary image;")
          .write(directory.resolve(name), row -> put(row, "image", number));
    }
    assertThat(scan(directory)).extracting(Row::label).containsExactly("/sea lion+ö", null, "ox");
    assertThat(scan(directory, Split.TRAIN, new Columns(null, "date")))
        .extracting(Row::label)
        .containsExactly("2026-01-01", "2026-01-01", "2026-01-02");
  }

  @Test
  void directoriesThatAreNoLabelsLeaveTheColumn() throws IOException {
    Path file = directory.resolve("date=2026-01-01/p.parquet");
    Files.createDirectories(file.getParent());
    new ParquetTable(PLAIN).write(file, row -> put(row, "image", 1).append("label", 4L));
    assertThat(scan(directory)).extracting(Row::label).containsExactly("4");
  }

  @Test
  void sparksOutputIsReadAsItIs() throws IOException {
    Files.createFile(directory.resolve("_SUCCESS"));
    Files.writeString(directory.resolve("_metadata"), "not read");
    Files.writeString(directory.resolve(".part-0.crc"), "not read");
    ParquetTable table = new ParquetTable(PLAIN);
    table
        .codec(CompressionCodecName.SNAPPY)
        .write(directory.resolve("part-00000-1f-c000.snappy.parquet"), row -> put(row, "image", 0));
    table.write(directory.resolve("part-00001"), row -> put(row, "image", 1));
    Files.writeString(directory.resolve("notes"), "no Parquet");
    assertThat(scan(directory)).extracting(Row::value).containsExactly(0, 1);
    assertThat(
            scanner(directory, Split.TRAIN, Columns.FOUND)
                .list(new Configuration())
                .leftOut()
                .describe())
        .isEqualTo("left out 1 file: 1 without extension, first notes");
  }

  @Test
  void columnsMayComeInAnotherOrderButNotMiss() throws IOException {
    new ParquetTable(PLAIN)
        .write(directory.resolve("a.parquet"), row -> put(row, "image", 0).append("label", 5L));
    new ParquetTable("optional int32 label; optional binary extra; optional binary image;")
        .write(directory.resolve("b.parquet"), row -> put(row, "image", 1).append("label", 6));
    assertThat(scan(directory)).extracting(Row::label).containsExactly("5", "6");
    new ParquetTable("required binary image;")
        .write(directory.resolve("c.parquet"), row -> put(row, "image", 2));
    assertRefused(
        Columns.FOUND, "labels from one place", "a.parquet has the column label", "c.parquet");
  }

  @Test
  void classNamesMustBeTheSameInAllFiles() throws IOException {
    new ParquetTable(PLAIN).write(directory.resolve("a.parquet"), row -> put(row, "image", 0));
    ParquetTable.huggingFace(PLAIN, "\"label\": {\"names\": [\"ox\"], \"_type\": \"ClassLabel\"}")
        .write(directory.resolve("b.parquet"), row -> put(row, "image", 1));
    assertRefused(Columns.FOUND, "the same names of classes", "a.parquet", "b.parquet has [ox]");
  }

  @Test
  void aFileWithoutRowsGivesNothing() throws IOException {
    new ParquetTable(PLAIN).write(directory.resolve("a.parquet"));
    new ParquetTable(PLAIN).write(directory.resolve("b.parquet"), row -> put(row, "image", 1));
    assertThat(scan(directory)).extracting(Row::value).containsExactly(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 100})
  void whatIsNoParquetIsRefusedByName(int length) throws IOException {
    Files.write(directory.resolve("a.parquet"), new byte[length]);
    assertRefused(Columns.FOUND, "a.parquet cannot be read", "is not a Parquet file");
  }

  @Test
  void anEncryptedFooterIsNamed() throws IOException {
    byte[] file = new byte[100];
    Arrays.fill(file, (byte) 1);
    System.arraycopy("PARE".getBytes("US-ASCII"), 0, file, 0, 4);
    System.arraycopy(new byte[] {20, 0, 0, 0, 'P', 'A', 'R', 'E'}, 0, file, 92, 8);
    Files.write(directory.resolve("a.parquet"), file);
    assertRefused(Columns.FOUND, "a.parquet is encrypted");
  }

  private void assertRefused(Columns columns, String... words) {
    assertThatThrownBy(() -> scan(directory, Split.TRAIN, columns))
        .isInstanceOf(DataException.class)
        .satisfies(e -> assertThat(e.getMessage()).contains(words));
  }
}
