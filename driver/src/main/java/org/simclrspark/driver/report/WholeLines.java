package org.simclrspark.driver.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The lines of a text that end in a line feed. What follows the last one was cut off by a dying
 * writer, or is still being written.
 */
final class WholeLines {

  private final InputStream in;
  private final byte[] buffer = new byte[1 << 16];
  private int position;
  private int limit;

  private WholeLines(InputStream in) {
    this.in = in;
  }

  /**
   * The lines in their order, read as they are taken.
   *
   * @param in text in UTF-8; failures to read it are {@link UncheckedIOException}s of the stream
   */
  static Stream<String> of(InputStream in) {
    WholeLines lines = new WholeLines(in);
    return Stream.iterate(lines.next(), Objects::nonNull, line -> lines.next());
  }

  /** The next line; null at the end. */
  private String next() {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    while (true) {
      int start = position;
      while (position < limit && buffer[position] != '\n') {
        position++;
      }
      line.write(buffer, start, position - start);
      if (position < limit) {
        position++;
        return line.toString(UTF_8);
      }
      if (!fill()) {
        return null;
      }
    }
  }

  private boolean fill() {
    try {
      position = 0;
      limit = Math.max(0, in.read(buffer));
      return limit > 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
