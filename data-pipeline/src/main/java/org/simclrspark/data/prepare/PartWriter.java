package org.simclrspark.data.prepare;

import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
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
import org.simclrspark.data.source.PreparedDataset;

/**
 * Writes one Parquet file and, when it is whole, a report beside it. Both have a name that no other
 * attempt takes, see {@link Generation}.
 */
final class PartWriter {
  static final MessageType SCHEMA =
      MessageTypeParser.parseMessageType(
          "message images { required binary image; optional binary label (STRING);"
              + " required binary name (STRING); required binary encoding (STRING);"
              + " required int32 size; }");

  private static final long ROW_GROUP_BYTES = 32 << 20;
  private static final int PAGE_BYTES = 1 << 20;

  private final Path directory;
  private final Configuration configuration;
  private final TargetFiles files;
  private final PreparedImages prepared;

  /**
   * @param directory of the parts while they are not published
   * @param configuration {@linkplain TargetFiles#withoutChecksums without checksums}
   */
  PartWriter(Path directory, PrepareSettings settings, Configuration configuration)
      throws IOException {
    this.directory = directory;
    this.configuration = configuration;
    this.files = new TargetFiles(directory, configuration);
    this.prepared = new PreparedImages(settings);
  }

  /**
   * Writes a part.
   *
   * @throws DataException if it cannot be written
   */
  void write(int part, Iterator<ImageRecord> images) {
    String name =
        String.format(Locale.ROOT, "%05d-%s", part, UUID.randomUUID().toString().replace("-", ""));
    Path file = new Path(directory, name + ".parquet");
    PartReport report = new PartReport();
    try {
      write(file, images, report);
      files.sync(file);
    } catch (FSError e) {
      deleteQuietly(file, e);
      throw Unwritable.to(directory, TargetFiles.causeOf(e));
    } catch (IOException e) {
      deleteQuietly(file, e);
      throw Unwritable.to(directory, e);
    } catch (RuntimeException e) {
      deleteQuietly(file, e);
      throw e;
    }
    report(name, report);
  }

  /** Until its report is there, the part is not. */
  private void report(String name, PartReport report) {
    try {
      report.file = name + ".parquet";
      report.length = files.fileSystem().getFileStatus(new Path(directory, report.file)).getLen();
      files.writeJson(new Path(directory, name + ".json"), report);
    } catch (IOException e) {
      throw Unwritable.to(directory, e);
    }
  }

  private void deleteQuietly(Path file, Throwable cause) {
    try {
      files.delete(file);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  private void write(Path file, Iterator<ImageRecord> images, PartReport report)
      throws IOException {
    SimpleGroupFactory rows = new SimpleGroupFactory(SCHEMA);
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(file)
            .withConf(configuration)
            .withType(SCHEMA)
            .withExtraMetaData(Map.of(PreparedDataset.MARK, "1"))
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
                  .append("encoding", result.encoding().name())
                  .append("size", result.bytes().length);
          writer.write(image.label() == null ? row : row.append("label", image.label()));
          report.add(image.label(), result, image.bytes().length);
          prepared
              .repair()
              .ifPresent(
                  reason ->
                      report.addRepaired(
                          new PartReport.Rejected(image.id(), image.name(), reason)));
        } catch (DamagedImageException e) {
          report.rejected.add(new PartReport.Rejected(image.id(), image.name(), e.getMessage()));
        }
      }
    }
  }
}
