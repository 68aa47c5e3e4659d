package org.simclrspark.data.source;

import java.io.IOException;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.simclrspark.data.ImageRecord.Encoding;
import org.simclrspark.data.index.FoundImage;
import org.simclrspark.data.index.IndexEntry;
import org.simclrspark.data.index.ScanUnit;

/** The images of a row group. */
final class ParquetRows {
  private final ScanUnit unit;
  private final ParquetColumns columns;
  private final RecordReader<Group> records;
  private final long end;
  private long row;

  private ParquetRows(
      ScanUnit unit, ParquetColumns columns, RecordReader<Group> records, long first, long rows) {
    this.unit = unit;
    this.columns = columns;
    this.records = records;
    this.row = first;
    this.end = first + rows;
  }

  /**
   * The next row group of a file, or null.
   *
   * @param first number of its first row
   */
  static ParquetRows next(ScanUnit unit, ParquetFileReader reader, long first) throws IOException {
    MessageType schema = reader.getFileMetaData().getSchema();
    ParquetColumns columns = ParquetColumns.of(unit.path(), schema);
    MessageType projection = columns.projection(schema.getName());
    reader.setRequestedSchema(projection);
    PageReadStore pages = reader.readNextRowGroup();
    if (pages == null) {
      return null;
    }
    RecordReader<Group> records =
        new ColumnIOFactory()
            .getColumnIO(projection, schema)
            .getRecordReader(pages, new GroupRecordConverter(projection));
    return new ParquetRows(unit, columns, records, first, pages.getRowCount());
  }

  boolean hasNext() {
    return row < end;
  }

  /** Number of the row behind the last. */
  long end() {
    return end;
  }

  FoundImage next() {
    Group group = records.read();
    byte[] bytes = bytes(group);
    IndexEntry entry =
        new IndexEntry(
            unit.name(),
            text(group, columns.name(), Long.toString(row)),
            0,
            bytes.length,
            Encoding.valueOf(text(group, columns.encoding(), Encoding.FILE.name())),
            text(group, columns.label(), null));
    row++;
    return new FoundImage(entry, 0, bytes);
  }

  /** A missing image is an empty file, which the decoder refuses by name. */
  private byte[] bytes(Group row) {
    String image = columns.image().getName();
    if (row.getFieldRepetitionCount(image) == 0) {
      return new byte[0];
    }
    if (!columns.isNested()) {
      return ImageFiles.limited(row.getBinary(image, 0).getBytes());
    }
    Group group = row.getGroup(image, 0);
    return group.getFieldRepetitionCount("bytes") == 0
        ? new byte[0]
        : ImageFiles.limited(group.getBinary("bytes", 0).getBytes());
  }

  private static String text(Group row, Type column, String absent) {
    if (column == null || row.getFieldRepetitionCount(column.getName()) == 0) {
      return absent;
    }
    PrimitiveTypeName type = column.asPrimitiveType().getPrimitiveTypeName();
    return type == PrimitiveTypeName.INT32
        ? Integer.toString(row.getInteger(column.getName(), 0))
        : type == PrimitiveTypeName.INT64
            ? Long.toString(row.getLong(column.getName(), 0))
            : row.getString(column.getName(), 0);
  }
}
