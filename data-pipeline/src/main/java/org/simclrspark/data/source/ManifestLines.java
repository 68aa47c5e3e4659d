package org.simclrspark.data.source;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.simclrspark.data.files.DataFiles;
import org.simclrspark.data.index.DatasetSpec.Columns;

/** The lines of a text file from somewhere on, with the places where they begin. */
final class ManifestLines implements Closeable {
  private static final int BUFFER = 1 << 16;
  private static final int HEAD_LINES = 1000;
  private static final int LONGEST = 1 << 16;
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private final String file;
  private final InputStream input;
  private long position;

  /**
   * Starts at the first line that begins at a byte or behind it.
   *
   * @param from number of the byte
   */
  ManifestLines(String file, long from, Configuration hadoop) throws IOException {
    this.file = file;
    FSDataInputStream stream = DataFiles.of(file, hadoop).open(file);
    this.input = new BufferedInputStream(stream, BUFFER);
    if (from > 0) {
      // The line before ends at or behind the first byte of the range.
      stream.seek(from - 1);
      position = from - 1;
      nextBytes();
    }
  }

  /** Whether a line is neither empty nor a comment. */
  static boolean isData(String line) {
    return !line.isBlank() && !line.startsWith("#");
  }

  /** The layout of a list, from its first lines. */
  static ManifestLayout layout(String file, Columns columns, Configuration hadoop)
      throws IOException {
    List<String> head = new ArrayList<>();
    try (ManifestLines lines = new ManifestLines(file, 0, hadoop)) {
      for (String line = lines.next();
          line != null && head.size() < HEAD_LINES;
          line = lines.next()) {
        if (isData(line)) {
          head.add(line);
        }
      }
    }
    if (head.isEmpty()) {
      throw new IOException("it lists nothing");
    }
    return ManifestLayout.of(head, columns);
  }

  /** Number of the line that begins at a byte, from 1. */
  static long number(String file, long start, Configuration hadoop) throws IOException {
    long number = 1;
    try (ManifestLines lines = new ManifestLines(file, 0, hadoop)) {
      while (lines.position < start && lines.nextBytes() != null) {
        number++;
      }
    }
    return number;
  }

  /** Where the next line begins. */
  long position() {
    return position;
  }

  /** The next line without its end, or null. */
  String next() throws IOException {
    boolean isFirst = position == 0;
    byte[] line = nextBytes();
    if (line == null) {
      return null;
    }
    String text = Utf8.text(line, file);
    text = text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    return isFirst && text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
  }

  private byte[] nextBytes() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int next = input.read();
    if (next < 0) {
      return null;
    }
    while (next >= 0 && next != '\n') {
      line.write(next);
      if (line.size() > LONGEST) {
        throw new IOException(
            "a line must have at most " + LONGEST + " bytes, so it is no list of images");
      }
      next = input.read();
    }
    position += line.size() + 1;
    return line.toByteArray();
  }

  @Override
  public void close() throws IOException {
    input.close();
  }
}
