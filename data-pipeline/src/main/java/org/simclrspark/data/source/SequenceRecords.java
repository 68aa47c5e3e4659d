package org.simclrspark.data.source;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.simclrspark.data.ImageRecord.Encoding;
import org.simclrspark.data.decode.DecodeLimits;
import org.simclrspark.data.index.FoundImage;
import org.simclrspark.data.index.ImageScan;
import org.simclrspark.data.index.IndexEntry;
import org.simclrspark.data.index.LeftOut;
import org.simclrspark.data.index.ScanUnit;

/**
 * The records of a SequenceFile without compression. Hadoop's reader takes the memory that a record
 * asks for before it looks at the rest of the file; here lengths are checked first, and images are
 * skipped unless they are wanted.
 */
final class SequenceRecords implements ImageScan {
  private static final int BUFFER = 1 << 16;
  private static final int ESCAPE = -1;
  private static final int LONGEST_KEY = 1 << 16;

  private final ScanUnit unit;
  private final boolean withBytes;
  private final SequenceHeader header;
  private final DataInputStream input;
  private final SequenceKey key;
  private long position;
  private long number;

  /**
   * Begins behind the header.
   *
   * @param file which is closed with this
   */
  SequenceRecords(ScanUnit unit, boolean withBytes, SequenceHeader header, FSDataInputStream file)
      throws IOException {
    this.unit = unit;
    this.withBytes = withBytes;
    this.header = header;
    this.position = file.getPos();
    this.input = new DataInputStream(new BufferedInputStream(file, BUFFER));
    this.key = new SequenceKey(header.keyClass());
  }

  @Override
  public FoundImage next() throws IOException {
    try {
      return nextRecord();
    } catch (EOFException e) {
      EOFException cut = new EOFException("it ends within a record, so it was cut off");
      cut.initCause(e);
      throw cut;
    }
  }

  private FoundImage nextRecord() throws IOException {
    if (position == unit.to()) {
      return null;
    }
    int length = readInt();
    if (length == ESCAPE) {
      byte[] sync = new byte[SequenceHeader.SYNC_BYTES];
      input.readFully(sync);
      position += sync.length;
      if (!header.isSync(sync)) {
        throw new IOException("a mark between its records is damaged");
      }
      if (position == unit.to()) {
        return null;
      }
      length = readInt();
    }
    int keyLength = readInt();
    int bytes = length - keyLength - Integer.BYTES;
    if (keyLength < 0 || keyLength > LONGEST_KEY || bytes < 0) {
      throw new IOException(
          "a record of it is damaged: " + length + " bytes, of which the key has " + keyLength);
    }
    byte[] keyBytes = new byte[keyLength];
    input.readFully(keyBytes);
    position += keyLength;
    key.read(keyBytes);
    int stored = readInt();
    if (stored != bytes) {
      throw new IOException("a record of it is damaged: " + stored + " bytes in " + bytes);
    }
    return image(bytes);
  }

  private int readInt() throws IOException {
    position += Integer.BYTES;
    return input.readInt();
  }

  private FoundImage image(int length) throws IOException {
    if (position + length > unit.to()) {
      throw new EOFException();
    }
    String name = key.name(number);
    number++;
    IndexEntry entry = new IndexEntry(unit.name(), name, position, length, Encoding.FILE, null);
    byte[] bytes =
        withBytes ? input.readNBytes(Math.min(length, DecodeLimits.DEFAULT.bytes() + 1)) : null;
    input.skipNBytes(length - (withBytes ? bytes.length : 0));
    position += length;
    return new FoundImage(entry, 0, bytes);
  }

  @Override
  public LeftOut leftOut() {
    return new LeftOut();
  }

  @Override
  public void close() throws IOException {
    input.close();
  }
}
