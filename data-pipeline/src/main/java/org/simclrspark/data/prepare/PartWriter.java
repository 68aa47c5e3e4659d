package org.simclrspark.data.prepare;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.decode.DamagedImageException;
import org.simclrspark.data.prepare.PreparedImages.Prepared;

/**
 * Writes one Parquet file and, when it is whole, a report beside it. The file gets its name at the
 * end, so that a task that dies or runs twice does no harm.
 */
final class PartWriter {
  static final MessageType SCHEMA =
      MessageTypeParser.parseMessageType(
          "message images { required binary image; optional binary label (STRING);"
              + " required binary name (STRING); required binary encoding (STRING); }");
  static final ObjectMapper JSON = new ObjectMapper();

  private static final long ROW_GROUP_BYTES = 32 << 20;
  private static final int PAGE_BYTES = 1 << 20;

  private final Path directory;
  private final FileSystem fileSystem;
  private final Configuration configuration;
  private final PreparedImages prepared;

  PartWriter(Path directory, PrepareSettings settings, Configuration configuration)
      throws IOException {
    this.directory = directory;
    this.configuration = configuration;
    this.fileSystem = directory.getFileSystem(configuration);
    this.prepared = new PreparedImages(settings);
  }

  static String fileName(int part) {
    return String.format(Locale.ROOT, "images-%05d.parquet", part);
  }

  static String reportName(int part) {
    return String.format(Locale.ROOT, "images-%05d.json", part);
  }

  void write(int part, Iterator<ImageRecord> images) throws IOException {
    Path partial = new Path(directory, "." + fileName(part) + "." + UUID.randomUUID());
    PartReport report = new PartReport();
    try {
      write(partial, images, report);
      replace(partial, new Path(directory, fileName(part)));
    } finally {
      fileSystem.delete(partial, false);
    }
    Path reportPartial = new Path(directory, "." + reportName(part) + "." + UUID.randomUUID());
    writeJson(fileSystem, reportPartial, report);
    replace(reportPartial, new Path(directory, reportName(part)));
  }

  private void write(Path file, Iterator<ImageRecord> images, PartReport report)
      throws IOException {
    SimpleGroupFactory rows = new SimpleGroupFactory(SCHEMA);
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(file)
            .withConf(configuration)
            .withType(SCHEMA)
            .withRowGroupSize(ROW_GROUP_BYTES)
            .withPageSize(PAGE_BYTES)
            .withMinRowCountForPageSizeCheck(1)
            .withMaxRowCountForPageSizeCheck(16)
            .withDictionaryEncoding("image", false)
            .withCompressionCodec(CompressionCodecName.UNCOMPRESSED)
            .build()) {
      while (images.hasNext()) {
        ImageRecord image = images.next();
        try {
          Prepared result = prepared.prepare(image);
          Group row =
              rows.newGroup()
                  .append("image", Binary.fromConstantByteArray(result.bytes()))
                  .append("name", image.name())
                  .append("encoding", result.encoding().name());
          writer.write(image.label() == null ? row : row.append("label", image.label()));
          report.add(image.label(), result, image.bytes().length);
        } catch (DamagedImageException e) {
          report.rejected.add(new PartReport.Rejected(image.id(), image.name(), e.getMessage()));
        }
      }
    }
  }

  private void replace(Path from, Path to) throws IOException {
    fileSystem.delete(to, false);
    if (!fileSystem.rename(from, to) && !fileSystem.exists(to)) {
      throw new DataException("A file cannot be renamed from " + from + " to " + to);
    }
  }

  static void writeJson(FileSystem fileSystem, Path file, Object value) throws IOException {
    try (var output = fileSystem.create(file, true)) {
      output.write(JSON.writeValueAsBytes(value));
    }
  }
}
