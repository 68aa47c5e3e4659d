package org.simclrspark.data.index;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import org.simclrspark.data.ImageRecord.Encoding;

/**
 * The footer of a file of the index, see {@link IndexPartWriter}.
 *
 * @param blockStarts where blocks begin, and where the last one ends
 */
record IndexFooter(IndexPart part, long[] blockStarts, String[] files, String[] labels) {
  private static final Encoding[] ENCODINGS = Encoding.values();

  static IndexFooter parse(IndexPart part, byte[] bytes) {
    ByteBuffer footer = ByteBuffer.wrap(bytes);
    long[] starts = new long[footer.getInt() + 1];
    for (int block = 0; block < starts.length - 1; block++) {
      starts[block] = footer.getLong();
    }
    starts[starts.length - 1] = part.footer();
    return new IndexFooter(part, starts, names(footer), names(footer));
  }

  private static String[] names(ByteBuffer footer) {
    String[] names = new String[footer.getInt()];
    for (int i = 0; i < names.length; i++) {
      byte[] name = new byte[footer.getInt()];
      footer.get(name);
      names[i] = new String(name, UTF_8);
    }
    return names;
  }

  int blocks() {
    return blockStarts.length - 1;
  }

  /**
   * An entry.
   *
   * @param bytes that hold its block
   * @param start of these bytes in the file
   * @param index of the entry in the file
   */
  IndexEntry entry(byte[] bytes, long start, long index) {
    int block = (int) (index / IndexPartWriter.BLOCK);
    int inBlock = (int) (index % IndexPartWriter.BLOCK);
    long first = (long) block * IndexPartWriter.BLOCK;
    int entries = (int) Math.min(IndexPartWriter.BLOCK, part.count() - first);
    int base = (int) (blockStarts[block] - start);
    int names = base + entries * IndexPartWriter.RECORD;
    ByteBuffer record = ByteBuffer.wrap(bytes);
    int at = base + inBlock * IndexPartWriter.RECORD;
    int nameStart = inBlock == 0 ? 0 : record.getInt(at - 8);
    int nameEnd = record.getInt(at + 24);
    String name = new String(bytes, names + nameStart, nameEnd - nameStart, UTF_8);
    int file = record.getInt(at + 16);
    int label = record.getInt(at + 20);
    return new IndexEntry(
        file == IndexPartWriter.NONE ? name : files[file],
        file == IndexPartWriter.NONE ? null : name,
        record.getLong(at),
        record.getLong(at + 8),
        ENCODINGS[record.getInt(at + 28)],
        label == IndexPartWriter.NONE ? null : labels[label]);
  }
}
