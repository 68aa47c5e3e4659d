package org.simclrspark.data.index;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a file of the index. Entries come in blocks of {@value #BLOCK}: first a record of {@value
 * #RECORD} bytes for each (offset, length, file, label, end of name, encoding), then their names.
 * The footer says where blocks begin and lists the names of files and classes that records refer
 * to.
 */
final class IndexPartWriter implements Closeable {
  static final int BLOCK = 128;
  static final int RECORD = 32;

  /** Refers to no file, for the name is that of a file; or to no class. */
  static final int NONE = -1;

  private final DataOutputStream output;
  private final List<Long> blockStarts = new ArrayList<>();
  private final Map<String, Integer> files = new LinkedHashMap<>();
  private final Map<String, Integer> labels = new LinkedHashMap<>();
  private final ByteArrayOutputStream records = new ByteArrayOutputStream();
  private final ByteArrayOutputStream names = new ByteArrayOutputStream();
  private long position;

  IndexPartWriter(OutputStream output) {
    this.output = new DataOutputStream(output);
  }

  void add(IndexEntry entry) throws IOException {
    boolean ownFile = entry.member() == null;
    names.writeBytes((ownFile ? entry.file() : entry.member()).getBytes(UTF_8));
    DataOutputStream into = new DataOutputStream(records);
    into.writeLong(entry.offset());
    into.writeLong(entry.length());
    into.writeInt(ownFile ? NONE : number(files, entry.file()));
    into.writeInt(entry.label() == null ? NONE : number(labels, entry.label()));
    into.writeInt(names.size());
    into.writeInt(entry.encoding().ordinal());
    if (records.size() == BLOCK * RECORD) {
      endBlock();
    }
  }

  private static int number(Map<String, Integer> dictionary, String name) {
    Integer known = dictionary.putIfAbsent(name, dictionary.size());
    return known == null ? dictionary.size() - 1 : known;
  }

  private void endBlock() throws IOException {
    blockStarts.add(position);
    records.writeTo(output);
    names.writeTo(output);
    position += records.size() + names.size();
    records.reset();
    names.reset();
  }

  /**
   * Writes the footer.
   *
   * @return where it begins
   */
  long finish() throws IOException {
    if (records.size() > 0) {
      endBlock();
    }
    output.writeInt(blockStarts.size());
    for (long start : blockStarts) {
      output.writeLong(start);
    }
    write(files);
    write(labels);
    output.flush();
    return position;
  }

  private void write(Map<String, Integer> dictionary) throws IOException {
    output.writeInt(dictionary.size());
    for (String name : dictionary.keySet()) {
      byte[] bytes = name.getBytes(UTF_8);
      output.writeInt(bytes.length);
      output.write(bytes);
    }
  }

  @Override
  public void close() throws IOException {
    output.close();
  }
}
