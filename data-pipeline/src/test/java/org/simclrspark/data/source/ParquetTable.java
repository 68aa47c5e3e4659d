package org.simclrspark.data.source;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/** Writes a Parquet file as some other tool would. */
final class ParquetTable {
  private final MessageType schema;
  private CompressionCodecName codec = CompressionCodecName.UNCOMPRESSED;
  private boolean dictionary;
  private WriterVersion version = WriterVersion.PARQUET_1_0;
  private int pageBytes = 1 << 20;
  private long rowGroupBytes = 128 << 20;
  private final Map<String, String> metadata = new TreeMap<>();

  /**
   * @param columns in Parquet's language, such as {@code required binary image;}
   */
  ParquetTable(String columns) {
    schema = MessageTypeParser.parseMessageType("message table { " + columns + " }");
  }

  /** As Hugging Face's library writes: compressed, with dictionaries and its features. */
  static ParquetTable huggingFace(String columns, String features) {
    ParquetTable table = new ParquetTable(columns).codec(CompressionCodecName.SNAPPY).dictionary();
    table.metadata.put("huggingface", "{\"info\": {\"features\": {" + features + "}}}");
    return table;
  }

  ParquetTable codec(CompressionCodecName used) {
    codec = used;
    return this;
  }

  ParquetTable dictionary() {
    dictionary = true;
    return this;
  }

  ParquetTable version2() {
    version = WriterVersion.PARQUET_2_0;
    return this;
  }

  ParquetTable pages(int bytes, long bytesOfRowGroups) {
    pageBytes = bytes;
    rowGroupBytes = bytesOfRowGroups;
    return this;
  }

  /** Writes rows, each of which fills a group. */
  @SafeVarargs
  final void write(Path file, Consumer<Group>... rows) throws IOException {
    SimpleGroupFactory groups = new SimpleGroupFactory(schema);
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new org.apache.hadoop.fs.Path(file.toUri()))
            .withType(schema)
            .withCompressionCodec(codec)
            .withDictionaryEncoding(dictionary)
            .withWriterVersion(version)
            .withPageSize(pageBytes)
            .withMinRowCountForPageSizeCheck(1)
            .withMaxRowCountForPageSizeCheck(2)
            .withRowGroupSize(rowGroupBytes)
            .withExtraMetaData(metadata)
            .build()) {
      for (Consumer<Group> row : rows) {
        Group group = groups.newGroup();
        row.accept(group);
        writer.write(group);
      }
    }
  }

  /** An image of a few bytes, all the same. */
  static Binary image(int value) {
    byte[] bytes = new byte[10 + value % 7 * 30];
    java.util.Arrays.fill(bytes, (byte) value);
    return Binary.fromConstantByteArray(bytes);
  }
}
