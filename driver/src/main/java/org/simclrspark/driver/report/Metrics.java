package org.simclrspark.driver.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.Closeable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.simclrspark.driver.storage.AppendedFile;
import org.simclrspark.driver.storage.StorageException;

/**
 * The file {@code metrics.jsonl} of a run: one JSON object a line, one line a step, in the order of
 * the steps.
 *
 * <p>Where the file system can append (local disk, HDFS), each line is flushed as it comes. Where
 * it cannot (object stores), lines are kept in memory and the whole file is written again by {@link
 * #flush}, by {@link #close}, and by an {@link #append} when the last writing was {@value
 * #REWRITE_SECONDS} seconds ago or longer.
 *
 * <p>Lines that cannot be written end no training: they are kept, said once, and written with the
 * next ones.
 */
public final class Metrics implements Closeable {

  /** Name of the file in the run directory. */
  public static final String FILE_NAME = "metrics.jsonl";

  private static final String STEP = "step";
  private static final int REWRITE_SECONDS = 30;
  private static final int LONGEST_QUOTE = 200;
  private static final int LONGEST_LINE = 1 << 17;

  /** Training waits for no longer. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final RunFile file;
  private final Consumer<String> log;
  private final List<StepObserver> observers = new ArrayList<>();

  /** Where the file cannot grow, the lines in it. */
  private final List<String> written = new ArrayList<>();

  /** Lines that are not in the file yet. */
  private final List<String> unwritten = new ArrayList<>();

  private Map<String, Object> last = Map.of();
  private long lastStep = Long.MIN_VALUE;
  private AppendedFile stream;
  private long triedAt = System.nanoTime();

  /** Whether the end of the file is not what the next line may follow. */
  private boolean torn;

  private boolean failing;

  private Metrics(RunFile file, Consumer<String> log) {
    this.file = file;
    this.log = log;
  }

  /**
   * Opens the metrics of a run, and makes the file with the first line if there is none. A last
   * line that was cut off by a dying process is dropped.
   *
   * @param log takes a line when metrics cannot be written, and when they can again
   * @throws StorageException if the file cannot be read, or holds what is not a metrics line
   */
  public static Metrics open(Path runDirectory, Configuration configuration, Consumer<String> log) {
    Metrics metrics =
        new Metrics(new RunFile(new Path(runDirectory, FILE_NAME), configuration, PATIENCE), log);
    metrics.keepUpTo(Long.MAX_VALUE);
    return metrics;
  }

  /** All lines of a run as ordered maps; none if there is no file yet. */
  public static List<Map<String, Object>> read(Path runDirectory, Configuration configuration) {
    RunFile file = new RunFile(new Path(runDirectory, FILE_NAME), configuration);
    return wholeLines(file.read().orElse(new byte[0])).stream()
        .map(line -> parse(file, line))
        .toList();
  }

  /**
   * The history of a run as its file tells it; that of a run without steps if there is no file yet.
   *
   * @param points of a curve at most
   * @param lastStep at which to stop
   */
  public static History history(
      Path runDirectory, Configuration configuration, int points, long lastStep) {
    RunFile file = new RunFile(new Path(runDirectory, FILE_NAME), configuration);
    return file.readLines(
            lines -> {
              History history = new History(points);
              for (Iterator<String> all = lines.iterator(); all.hasNext(); ) {
                String line = all.next();
                // A last line that does not end was cut off by a dying process.
                if (all.hasNext() || line.endsWith("}")) {
                  Map<String, Object> values = parse(file, line);
                  if (step(values) > lastStep) {
                    break;
                  }
                  history.add(values);
                }
              }
              return history;
            })
        .orElseGet(() -> new History(points));
  }

  /** The line of the last step, without reading the others; empty if there is none. */
  public static Map<String, Object> last(Path runDirectory, Configuration configuration) {
    RunFile file = new RunFile(new Path(runDirectory, FILE_NAME), configuration);
    byte[] end = file.readEnd(LONGEST_LINE).orElse(new byte[0]);
    List<String> lines = wholeLines(end);
    return lines.isEmpty() ? Map.of() : parse(file, lines.get(lines.size() - 1));
  }

  /** Has an observer told of every line from now on. */
  public void tell(StepObserver observer) {
    observers.add(observer);
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
    unwritten.add(Json.line(values));
    last = new LinkedHashMap<>(values);
    lastStep = step;
    observers.forEach(observer -> observer.appended(values));
    boolean waits = failing || !file.appendable();
    if (!waits || System.nanoTime() - triedAt >= Duration.ofSeconds(REWRITE_SECONDS).toNanos()) {
      flush();
    }
  }

  /** The line of the last step, those of earlier drivers included; empty if there is none. */
  public Map<String, Object> lastLine() {
    return Collections.unmodifiableMap(last);
  }

  /**
   * Adds values to the last line.
   *
   * @param values by name
   */
  public void amend(Map<String, ?> values) {
    if (last.isEmpty()) {
      throw new IllegalStateException("There must be a line to amend");
    }
    if (!unwritten.isEmpty()) {
      unwritten.remove(unwritten.size() - 1);
    } else if (!file.appendable()) {
      written.remove(written.size() - 1);
    }
    last.putAll(values);
    observers.forEach(observer -> observer.amended(lastStep, values));
    unwritten.add(Json.line(last));
    torn = true;
    flush();
  }

  /**
   * Drops the lines of all steps beyond a given one: after a resume from its checkpoint they come
   * again.
   */
  public void truncateAfter(long step) {
    flush();
    closeStream();
    keepUpTo(step);
  }

  /** The step of the last line, or {@link Long#MIN_VALUE} if there is none. */
  public long lastStep() {
    return lastStep;
  }

  /** Makes all lines so far visible to readers; those that cannot be written wait. */
  public void flush() {
    if (unwritten.isEmpty()) {
      return;
    }
    triedAt = System.nanoTime();
    try {
      write();
    } catch (StorageException e) {
      torn = true;
      if (!failing) {
        failing = true;
        log.accept(
            "Warning: "
                + FILE_NAME
                + " cannot be written; training goes on, and its lines are kept until they can. "
                + e.getMessage());
      }
      return;
    }
    if (failing) {
      log.accept(FILE_NAME + " is written again; lines that waited: " + unwritten.size() + ".");
    }
    torn = false;
    failing = false;
    if (!file.appendable()) {
      written.addAll(unwritten);
    }
    unwritten.clear();
  }

  /** Appends the new lines, or writes the whole file where that is not possible. */
  private void write() {
    if (file.appendable() && !torn) {
      if (stream == null) {
        stream = file.append();
      }
      stream.append(content(unwritten));
      return;
    }
    closeTorn();
    List<String> lines =
        new ArrayList<>(
            file.appendable() ? linesUpTo(step(parse(file, unwritten.get(0))) - 1) : written);
    lines.addAll(unwritten);
    file.replace(content(lines));
  }

  @Override
  public void close() {
    flush();
    if (!unwritten.isEmpty()) {
      log.accept("Warning: steps that " + FILE_NAME + " lacks: " + unwritten.size() + ".");
    }
    closeTorn();
  }

  private void closeStream() {
    if (stream != null) {
      stream.close();
      stream = null;
    }
  }

  /** What a stream still holds is among the lines that are written again. */
  private void closeTorn() {
    try {
      closeStream();
    } catch (StorageException e) {
      stream = null;
    }
  }

  private void keepUpTo(long step) {
    List<String> lines = linesUpTo(step);
    last = lines.isEmpty() ? Map.of() : parse(file, lines.get(lines.size() - 1));
    lastStep = lines.isEmpty() ? Long.MIN_VALUE : step(last);
    byte[] content = content(lines);
    if (content.length != file.read().map(found -> found.length).orElse(0)) {
      file.replace(content);
    }
    if (!file.appendable()) {
      written.clear();
      written.addAll(lines);
    }
  }

  /** The file's lines up to a step. */
  private List<String> linesUpTo(long step) {
    List<String> lines = new ArrayList<>();
    for (String line : wholeLines(file.read().orElse(new byte[0]))) {
      if (step(parse(file, line)) <= step) {
        lines.add(line);
      }
    }
    return lines;
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

  private static Map<String, Object> parse(RunFile file, String line) {
    try {
      return Json.parse(line);
    } catch (JsonProcessingException e) {
      throw new StorageException(
          "Each line of "
              + file
              + " must be a JSON object, found: "
              + line.substring(0, Math.min(line.length(), LONGEST_QUOTE))
              + ". Restore the file, or move it away",
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
