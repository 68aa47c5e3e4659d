package org.simclrspark.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.simclrspark.data.source.ParquetScans.put;
import static org.simclrspark.data.source.ParquetScans.range;
import static org.simclrspark.data.source.ParquetScans.rows;
import static org.simclrspark.data.source.ParquetScans.scan;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.simclrspark.data.index.DatasetSpec;
import org.simclrspark.data.index.ScanUnit;
import org.simclrspark.data.index.ScanUnits;
import org.simclrspark.data.source.ParquetScans.Row;

/** Pages are read at random where images lie in them as they are, and streamed otherwise. */
class ParquetPagesTest {
  private static final String PLAIN = "required binary image; optional int64 label;";

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "required binary image;, image, false",
    "required binary image;, image, true",
    "optional binary image;, image, false",
    "optional binary image;, image, true",
    "optional group image { optional binary bytes; optional binary path (STRING); }, bytes, false",
    "optional group image { required binary bytes; }, bytes, true",
    "required group image { optional binary bytes; }, bytes, true",
  })
  void plainPagesAreReadAtRandom(String columns, String field, boolean version2)
      throws IOException {
    ParquetTable table = new ParquetTable(columns + " optional int32 label;").pages(300, 2000);
    if (version2) {
      // Texts and images get another encoding, deltas of their lengths.
      table.version2();
    }
    Consumer<Group>[] rows = rows(40, (row, i) -> put(row, field, i).append("label", i % 3));
    table.write(directory.resolve("a.parquet"), rows);
    List<Row> found = scan(directory);
    assertThat(found).hasSize(40);
    for (int i = 0; i < 40; i++) {
      assertThat(found.get(i).value()).isEqualTo(i);
      assertThat(found.get(i).label()).isEqualTo("" + i % 3);
      assertThat(found.get(i).name()).isEqualTo("" + i);
    }
    assertThat(found.get(0).obstacle() == null).isEqualTo(!version2);
  }

  @ParameterizedTest
  @EnumSource(
      value = CompressionCodecName.class,
      names = {"SNAPPY", "GZIP", "ZSTD", "LZ4_RAW"})
  void compressedPagesAreStreamed(CompressionCodecName codec) throws IOException {
    new ParquetTable(PLAIN)
        .codec(codec)
        .pages(300, 2000)
        .write(directory.resolve("a.parquet"), rows(40, (row, i) -> put(row, "image", i)));
    List<Row> found = scan(directory);
    assertThat(found).extracting(Row::value).containsExactlyElementsOf(range(40));
    assertThat(found.get(0).obstacle())
        .isEqualTo("the pages of its image column are compressed (" + codec + ")");
  }

  @Test
  void dictionariesAreStreamed() throws IOException {
    new ParquetTable(PLAIN)
        .dictionary()
        .write(directory.resolve("a.parquet"), rows(40, (row, i) -> put(row, "image", i % 3)));
    List<Row> found = scan(directory);
    assertThat(found).extracting(Row::value).startsWith(0, 1, 2, 0, 1);
    assertThat(found.get(0).obstacle()).isEqualTo("its image column is stored in a dictionary");
  }

  @Test
  void fixedLengthsAreReadAtRandom() throws IOException {
    new ParquetTable("optional fixed_len_byte_array(10) image;")
        .pages(64, 2000)
        .write(directory.resolve("a.parquet"), rows(20, (row, i) -> put(row, "image", 7 * i)));
    assertThat(scan(directory)).extracting(Row::value).startsWith(0, 7, 14);
  }

  /** Readers once gave their decompressors back while pages were still to be decompressed. */
  @Test
  void filesAreDecompressedSideBySide() throws Exception {
    for (int file = 0; file < 4; file++) {
      new ParquetTable(PLAIN)
          .codec(CompressionCodecName.GZIP)
          .pages(300, 3000)
          .write(directory.resolve(file + ".parquet"), rows(100, (row, i) -> put(row, "image", i)));
    }
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      ParquetScanner scanner =
          new ParquetScanner(DatasetSpec.train(directory.toString(), "parquet"));
      ScanUnits units = scanner.list(new Configuration());
      List<Future<List<Row>>> scans = new ArrayList<>();
      for (int i = 0; i < 32; i++) {
        ScanUnit unit = units.units().get(i % 4);
        scans.add(threads.submit(() -> scan(scanner, unit)));
      }
      for (Future<List<Row>> scan : scans) {
        assertThat(scan.get()).extracting(Row::value).containsExactlyElementsOf(range(100));
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
