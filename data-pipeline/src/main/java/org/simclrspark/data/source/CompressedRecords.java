package org.simclrspark.data.source;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.io.BytesWritable;
import org.apache.hadoop.io.SequenceFile;
import org.simclrspark.data.ImageRecord.Encoding;
import org.simclrspark.data.index.FoundImage;
import org.simclrspark.data.index.ImageScan;
import org.simclrspark.data.index.IndexEntry;
import org.simclrspark.data.index.LeftOut;
import org.simclrspark.data.index.ScanUnit;

/** The records of a compressed SequenceFile, by Hadoop's reader. */
final class CompressedRecords implements ImageScan {
  private final ScanUnit unit;
  private final boolean withBytes;
  private final SequenceHeader header;
  private final SequenceFile.Reader reader;
  private final SequenceKey key;
  private final BytesWritable value = new BytesWritable();
  private long number;

  /**
   * Begins at the header, which has been looked at.
   *
   * @param file which is closed with this
   */
  CompressedRecords(
      ScanUnit unit,
      boolean withBytes,
      SequenceHeader header,
      FSDataInputStream file,
      Configuration hadoop)
      throws IOException {
    this.unit = unit;
    this.withBytes = withBytes;
    this.header = header;
    this.key = new SequenceKey(header.keyClass());
    this.reader =
        new SequenceFile.Reader(
            hadoop, SequenceFile.Reader.stream(file), SequenceFile.Reader.length(unit.to()));
  }

  @Override
  public FoundImage next() throws IOException {
    if (!reader.next(key.writable(), value)) {
      return null;
    }
    String name = key.name(number);
    number++;
    IndexEntry entry = new IndexEntry(unit.name(), name, 0, value.getLength(), Encoding.FILE, null);
    return new FoundImage(entry, 0, withBytes ? ImageFiles.limited(value.copyBytes()) : null);
  }

  @Override
  public LeftOut leftOut() {
    return new LeftOut();
  }

  @Override
  public String sequentialOnly() {
    return header.compression();
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
