package org.simclrspark.driver.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.simclrspark.driver.storage.AppendedFile;

/**
 * The file {@code metrics.jsonl} of a run: one JSON object a line, one line a step, in the order of
 * the steps.
 *
 * <p>Where the file system can append (local disk, HDFS), each line is flushed as it comes. Where
 * it cannot (object stores), lines are kept in memory and the whole file is written again by {@link
 * #flush}, by {@link #close}, and by an {@link #append} when the last writing was {@value
 * #REWRITE_SECONDS} seconds ago or longer.
 */
public final class Metrics implements Closeable {

  /** Name of the file in the run directory. */
  public static final String FILE_NAME = "metrics.jsonl";

  private static final String STEP = "step";
  private static final int REWRITE_SECONDS = 30;

  private final RunFile file;
  private final List<String> kept = new ArrayList<>();
  private AppendedFile stream;
  private long lastStep = Long.MIN_VALUE;
  private long writtenAt = System.nanoTime();
  private boolean unwritten;

  private Metrics(RunFile file) {
    this.file = file;
  }

  /**
   * Opens the metrics of a run, and makes the file with the first line if there is none. A last
   * line that was cut off by a dying process is dropped.
   *
   * @throws UncheckedIOException if the file cannot be read, or holds what is not a metrics line
   */
  public static Metrics open(Path runDirectory, Configuration configuration) {
    try {
      Metrics metrics = new Metrics(new RunFile(new Path(runDirectory, FILE_NAME), configuration));
      metrics.keepUpTo(Long.MAX_VALUE);
      return metrics;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All lines of a run as ordered maps; none if there is no file yet. */
  public static List<Map<String, Object>> read(Path runDirectory, Configuration configuration) {
    try {
      RunFile file = new RunFile(new Path(runDirectory, FILE_NAME), configuration);
      List<Map<String, Object>> result = new ArrayList<>();
      for (String line : wholeLines(file.read().orElse(new byte[0]))) {
        result.add(parse(file, line));
      }
      return result;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Adds the line of a step.
   *
   * @param values numbers, strings or nested maps by name, written in the map's order; must have an
   *     integer {@code step} beyond that of the line before; numbers that are not finite become
   *     null
   */
  public void append(Map<String, ?> values) {
    long step = step(values);
    if (step <= lastStep) {
      throw new IllegalArgumentException(
          "A step's metrics must come after those of step " + lastStep + ", found step " + step);
    }
    String line = Json.line(values);
    if (file.appendable()) {
      if (stream == null) {
        stream = file.append();
      }
      stream.append((line + "\n").getBytes(UTF_8));
    } else {
      kept.add(line);
      unwritten = true;
      if (System.nanoTime() - writtenAt >= Duration.ofSeconds(REWRITE_SECONDS).toNanos()) {
        flush();
      }
    }
    lastStep = step;
  }

  /**
   * Drops the lines of all steps beyond a given one: after a resume from its checkpoint they come
   * again.
   */
  public void truncateAfter(long step) {
    try {
      flush();
      closeStream();
      keepUpTo(step);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The step of the last line, or {@link Long#MIN_VALUE} if there is none. */
  public long lastStep() {
    return lastStep;
  }

  /** Makes all lines so far visible to readers. */
  public void flush() {
    if (!unwritten) {
      return;
    }
    try {
      file.replace(content(kept));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    unwritten = false;
    writtenAt = System.nanoTime();
  }

  @Override
  public void close() {
    flush();
    closeStream();
  }

  private void closeStream() {
    if (stream != null) {
      stream.close();
      stream = null;
    }
  }

  private void keepUpTo(long step) throws IOException {
    byte[] found = file.read().orElse(new byte[0]);
    List<String> lines = new ArrayList<>();
    lastStep = Long.MIN_VALUE;
    for (String line : wholeLines(found)) {
      long stepOfLine = step(parse(file, line));
      if (stepOfLine <= step) {
        lines.add(line);
        lastStep = Math.max(lastStep, stepOfLine);
      }
    }
    byte[] content = content(lines);
    if (content.length != found.length) {
      file.replace(content);
    }
    if (!file.appendable()) {
      kept.clear();
      kept.addAll(lines);
    }
  }

  private static byte[] content(List<String> lines) {
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(line).append('\n'));
    return text.toString().getBytes(UTF_8);
  }

  /** Lines that end in a line feed; what follows the last one was cut off. */
  private static List<String> wholeLines(byte[] content) {
    String text = new String(content, UTF_8);
    return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
  }

  private static Map<String, Object> parse(RunFile file, String line) throws IOException {
    try {
      return Json.parse(line);
    } catch (JsonProcessingException e) {
      throw new IOException(
          "Each line of "
              + file
              + " must be a JSON object, found: "
              + line
              + "; move the file away",
          e);
    }
  }

  private static long step(Map<String, ?> values) {
    Object step = values.get(STEP);
    if (step instanceof Long || step instanceof Integer) {
      return ((Number) step).longValue();
    }
    throw new IllegalArgumentException("A metrics line must have an integer step, found " + values);
  }
}
