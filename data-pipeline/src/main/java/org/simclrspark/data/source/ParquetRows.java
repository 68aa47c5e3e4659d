package org.simclrspark.data.source;

import java.io.IOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.ImageRecord.Encoding;

/** The images of a row group. */
final class ParquetRows implements Iterator<ImageRecord> {
  private final String file;
  private final long firstId;
  private final ParquetColumns columns;
  private final RecordReader<Group> records;
  private final long rows;
  private long done;

  ParquetRows(String file, int group, long firstId, Configuration configuration)
      throws IOException {
    this.file = file;
    this.firstId = firstId;
    try (ParquetFileReader reader = ParquetSource.open(file, configuration)) {
      MessageType schema = reader.getFileMetaData().getSchema();
      columns = ParquetColumns.of(file, schema);
      MessageType projection = columns.projection(schema.getName());
      reader.setRequestedSchema(projection);
      PageReadStore pages = reader.readRowGroup(group);
      rows = pages.getRowCount();
      records =
          new ColumnIOFactory()
              .getColumnIO(projection, schema)
              .getRecordReader(pages, new GroupRecordConverter(projection));
    }
  }

  @Override
  public boolean hasNext() {
    return done < rows;
  }

  @Override
  public ImageRecord next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    try {
      ImageRecord image = image(records.read());
      done++;
      return image;
    } catch (RuntimeException e) {
      throw ParquetSource.unreadable(file, e);
    }
  }

  private ImageRecord image(Group row) {
    long id = columns.id() == null ? firstId + done : whole(row, columns.id(), firstId + done);
    int label = columns.label() == null ? -1 : Math.toIntExact(whole(row, columns.label(), -1));
    String name = file + "#" + text(row, columns.name(), Long.toString(done));
    String encoding = text(row, columns.encoding(), Encoding.FILE.name());
    return new ImageRecord(id, label, name, Encoding.valueOf(encoding), bytes(row));
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

  private static long whole(Group row, Type column, long absent) {
    if (row.getFieldRepetitionCount(column.getName()) == 0) {
      return absent;
    }
    return column.asPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.INT32
        ? row.getInteger(column.getName(), 0)
        : row.getLong(column.getName(), 0);
  }

  private static String text(Group row, Type column, String absent) {
    return column == null || row.getFieldRepetitionCount(column.getName()) == 0
        ? absent
        : row.getString(column.getName(), 0);
  }
}
