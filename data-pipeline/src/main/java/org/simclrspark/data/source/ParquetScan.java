package org.simclrspark.data.source;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ColumnPath;
import org.apache.parquet.hadoop.metadata.FileMetaData;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord.Encoding;
import org.simclrspark.data.index.FoundImage;
import org.simclrspark.data.index.ImageScan;
import org.simclrspark.data.index.IndexEntry;
import org.simclrspark.data.index.LeftOut;
import org.simclrspark.data.index.ScanUnit;

/** The rows of a Parquet file. Without their bytes, images are found but not read. */
final class ParquetScan implements ImageScan {
  private static final String BYTES = "bytes";
  private static final String PATH = "path";

  private final ScanUnit unit;
  private final ParquetFileReader reader;
  private final FSDataInputStream pages;
  private final ParquetColumns columns;
  private final Optional<ParquetLabels.Partition> partition;
  private final boolean withBytes;
  private final MessageType projection;
  private final String obstacle;
  private RecordReader<Group> records;
  private ImageLocations locations;
  private int group = -1;
  private long rowsLeft;
  private long row;

  /**
   * @param pages of the file, for the places of the images; null with their bytes
   */
  ParquetScan(
      ScanUnit unit,
      ParquetFileReader reader,
      FSDataInputStream pages,
      ParquetColumns columns,
      Optional<ParquetLabels.Partition> partition) {
    this.unit = unit;
    this.reader = reader;
    this.pages = pages;
    this.columns = columns;
    this.partition = partition;
    this.withBytes = pages == null;
    this.projection = columns.projection(schema().getName(), withBytes);
    this.obstacle =
        reader.getRowGroups().stream()
            .map(block -> PlainPages.obstacle(imageChunk(block)))
            .filter(found -> found != null)
            .findFirst()
            .orElse(null);
  }

  @Override
  public FoundImage next() throws IOException {
    try {
      while (rowsLeft == 0) {
        if (++group == reader.getRowGroups().size()) {
          return null;
        }
        openGroup();
      }
      rowsLeft--;
      return withBytes ? read() : find();
    } catch (RuntimeException e) {
      throw ParquetErrors.of(unit.path(), e);
    }
  }

  @Override
  public String sequentialOnly() {
    return obstacle;
  }

  @Override
  public LeftOut leftOut() {
    return new LeftOut();
  }

  @Override
  public void close() throws IOException {
    reader.close();
    if (pages != null) {
      pages.close();
    }
  }

  private void openGroup() throws IOException {
    BlockMetaData block = reader.getRowGroups().get(group);
    rowsLeft = block.getRowCount();
    if (rowsLeft == 0) {
      return;
    }
    if (!withBytes) {
      locations = locate(block);
    }
    records = projection.getFieldCount() == 0 ? null : records();
  }

  private RecordReader<Group> records() throws IOException {
    reader.setRequestedSchema(projection);
    PageReadStore store = reader.readRowGroup(group);
    return new ColumnIOFactory()
        .getColumnIO(projection, schema())
        .getRecordReader(store, new GroupRecordConverter(projection));
  }

  private ImageLocations locate(BlockMetaData block) throws IOException {
    ColumnChunkMetaData chunk = imageChunk(block);
    if (obstacle != null) {
      return MeanLengths.of(chunk.getTotalUncompressedSize(), block.getRowCount());
    }
    return columns.size() == null
        ? new PlainPages(pages, chunk, schema().getColumnDescription(columns.imagePath()))
        : new PreparedPages(reader.readOffsetIndex(chunk), lengths(block));
  }

  /** The column of lengths. */
  private int[] lengths(BlockMetaData block) throws IOException {
    MessageType lengths = new MessageType(schema().getName(), columns.size());
    reader.setRequestedSchema(lengths);
    ColumnDescriptor column = lengths.getColumns().get(0);
    ColumnReader values =
        new ColumnReadStoreImpl(
                reader.readRowGroup(group),
                new GroupRecordConverter(lengths).getRootConverter(),
                lengths,
                reader.getFileMetaData().getCreatedBy())
            .getColumnReader(column);
    int[] found = new int[Math.toIntExact(block.getRowCount())];
    for (int i = 0; i < found.length; i++) {
      found[i] = values.getInteger();
      values.consume();
    }
    return found;
  }

  private FoundImage find() throws IOException {
    locations.next();
    Group values = records == null ? null : records.read();
    if (!locations.isPresent()) {
      refusePathAlone(values);
      return new FoundImage(entry(values, 0, 0), 0, null);
    }
    return new FoundImage(entry(values, locations.offset(), locations.length()), 0, null);
  }

  /** A missing image is an empty file, which the decoder refuses by name. */
  private FoundImage read() {
    Group values = records.read();
    Group holder = values;
    String field = columns.image().getName();
    if (columns.isNested() && values.getFieldRepetitionCount(field) > 0) {
      holder = values.getGroup(field, 0);
      field = BYTES;
    }
    if (holder.getFieldRepetitionCount(field) == 0) {
      refusePathAlone(values);
      return new FoundImage(entry(values, 0, 0), 0, new byte[0]);
    }
    byte[] bytes = holder.getBinary(field, 0).getBytes();
    return new FoundImage(entry(values, 0, bytes.length), 0, ImageFiles.limited(bytes));
  }

  private IndexEntry entry(Group values, long offset, long length) {
    String name = text(values, columns.name());
    name = name == null ? imagePath(values) : name;
    String encoding = text(values, columns.encoding());
    String label =
        partition.isPresent()
            ? partition.get().label()
            : columns.label() == null
                ? null
                : ParquetLabels.of(values, columns.label(), columns.classNames());
    return new IndexEntry(
        unit.name(),
        name == null ? Long.toString(row++) : named(name),
        offset,
        length,
        encoding == null ? Encoding.FILE : Encoding.valueOf(encoding),
        label);
  }

  private String named(String name) {
    row++;
    return name;
  }

  private void refusePathAlone(Group values) {
    String path = imagePath(values);
    if (path != null) {
      throw new DataException(
          "Parquet must hold the images themselves, but row "
              + row
              + " of "
              + unit.path()
              + " has only a path, "
              + path
              + "; read the folder or a manifest of the files instead, or write the dataset again"
              + " with its images embedded");
    }
  }

  /** Hugging Face keeps the file's name beside its bytes. */
  private String imagePath(Group values) {
    String image = columns.image().getName();
    if (!columns.isNested()
        || !columns.image().asGroupType().containsField(PATH)
        || values.getFieldRepetitionCount(image) == 0) {
      return null;
    }
    Group group = values.getGroup(image, 0);
    return group.getFieldRepetitionCount(PATH) == 0 ? null : group.getString(PATH, 0);
  }

  private static String text(Group values, Type column) {
    return column == null || values.getFieldRepetitionCount(column.getName()) == 0
        ? null
        : values.getString(column.getName(), 0);
  }

  private ColumnChunkMetaData imageChunk(BlockMetaData block) {
    ColumnPath path = ColumnPath.get(columns.imagePath());
    List<ColumnChunkMetaData> chunks = block.getColumns();
    return chunks.stream().filter(chunk -> chunk.getPath().equals(path)).findFirst().orElseThrow();
  }

  private MessageType schema() {
    FileMetaData metadata = reader.getFileMetaData();
    return metadata.getSchema();
  }
}
