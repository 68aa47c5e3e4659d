package org.simclrspark.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.simclrspark.data.source.ParquetTable.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.simclrspark.data.index.DatasetSpec;
import org.simclrspark.data.index.DatasetSpec.Columns;
import org.simclrspark.data.index.DatasetSpec.Split;
import org.simclrspark.data.index.FoundImage;
import org.simclrspark.data.index.ImageScan;
import org.simclrspark.data.index.IndexEntry;
import org.simclrspark.data.index.ScanUnit;

/** Scans tables and gives their rows; how the tests of Parquet look at it. */
final class ParquetScans {
  private static final Configuration HADOOP = new Configuration();

  private ParquetScans() {}

  /**
   * An image that was scanned.
   *
   * @param value of its bytes, which are all the same; -1 if there is none
   * @param obstacle why images cannot be read one by one, or null
   */
  record Row(String label, String name, int value, String obstacle) {}

  /** Fills the row of a number. */
  @FunctionalInterface
  interface Filler {
    void fill(Group row, int i);
  }

  static ParquetScanner scanner(Path directory, Split split, Columns columns) {
    return new ParquetScanner(new DatasetSpec(directory.toString(), "parquet", split, columns));
  }

  /** All rows of a dataset for training. */
  static List<Row> scan(Path directory) throws IOException {
    return scan(directory, Split.TRAIN, Columns.FOUND);
  }

  static List<Row> scan(Path directory, Split split, Columns columns) throws IOException {
    ParquetScanner scanner = scanner(directory, split, columns);
    List<Row> rows = new ArrayList<>();
    for (ScanUnit unit : scanner.list(HADOOP).units()) {
      rows.addAll(scan(scanner, unit));
    }
    return rows;
  }

  /** Scans a file with and without bytes; where images lie by themselves, the places agree. */
  static List<Row> scan(ParquetScanner scanner, ScanUnit unit) throws IOException {
    byte[] file = Files.readAllBytes(Path.of(java.net.URI.create(uri(unit.path())).getPath()));
    List<Row> rows = new ArrayList<>();
    try (ImageScan streamed = scanner.open(unit, true, HADOOP);
        ImageScan indexed = scanner.open(unit, false, HADOOP)) {
      for (FoundImage image = streamed.next(); image != null; image = streamed.next()) {
        IndexEntry entry = image.entry();
        IndexEntry place = indexed.next().entry();
        assertThat(place.label()).isEqualTo(entry.label());
        assertThat(place.name()).isEqualTo(entry.name());
        if (indexed.sequentialOnly() == null) {
          int offset = (int) place.offset();
          assertThat(Arrays.copyOfRange(file, offset, offset + (int) place.length()))
              .isEqualTo(image.bytes());
        }
        int value = image.bytes().length == 0 ? -1 : image.bytes()[0];
        rows.add(new Row(entry.label(), entry.member(), value, indexed.sequentialOnly()));
      }
      assertThat(indexed.next()).isNull();
    }
    return rows;
  }

  static String uri(String path) {
    return path.replace("%", "%25").replace(" ", "%20");
  }

  static Group put(Group row, String field, int value) {
    if (field.equals("bytes")) {
      row.addGroup("image").append("bytes", image(value));
      return row;
    }
    return row.append(field, image(value));
  }

  static Group photo(Group row, int value, String path) {
    Group photo = row.addGroup("photo").append("bytes", image(value));
    if (path != null) {
      photo.append("path", path);
    }
    return row;
  }

  static void append(Group row, String name, String value) {
    switch (row.getType().getType(name).asPrimitiveType().getPrimitiveTypeName()) {
      case INT32 -> row.append(name, Integer.parseInt(value));
      case INT64 -> row.append(name, Long.parseLong(value));
      case FLOAT -> row.append(name, Float.parseFloat(value));
      case DOUBLE -> row.append(name, Double.parseDouble(value));
      case BOOLEAN -> row.append(name, Boolean.parseBoolean(value));
      default -> row.append(name, value);
    }
  }

  @SuppressWarnings("unchecked")
  static Consumer<Group>[] rows(int count, Filler filler) {
    Consumer<Group>[] rows = new Consumer[count];
    for (int i = 0; i < count; i++) {
      int number = i;
      rows[i] = row -> filler.fill(row, number);
    }
    return rows;
  }

  static List<Integer> range(int count) {
    return IntStream.range(0, count).boxed().toList();
  }
}
