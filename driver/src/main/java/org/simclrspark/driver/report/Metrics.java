package org.simclrspark.driver.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
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
 * #REWRITE_SECONDS} seconds ago or longer, and {@value #REWRITE_PAUSE} times as long ago as it
 * took: a file of weeks is written less often.
 *
 * <p>Lines that cannot be written end no training: they are kept, said once, and written with the
 * next ones.
 */
public final class Metrics implements Closeable {

  /** Name of the file in the run directory. */
  public static final String FILE_NAME = "metrics.jsonl";

  private static final String STEP = "step";
  private static final int REWRITE_SECONDS = 30;
  private static final int REWRITE_PAUSE = 50;
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
  private long pauseNanos = Duration.ofSeconds(REWRITE_SECONDS).toNanos();

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
    return read(runDirectory, configuration, Stream::toList);
  }

  /**
   * What a function makes of the lines of a run, one after the other, so that a long run needs no
   * more memory than a short one; there are none if there is no file yet.
   *
   * @param function of the lines as ordered maps; called again with all of them where reading
   *     failed half way
   */
  public static <T> T read(
      Path runDirectory,
      Configuration configuration,
      Function<Stream<Map<String, Object>>, T> function) {
    RunFile file = new RunFile(new Path(runDirectory, FILE_NAME), configuration);
    return file.readLines(lines -> function.apply(lines.map(line -> parse(file, line))))
        .orElseGet(() -> function.apply(Stream.empty()));
  }

  /**
   * The history of a run as its file tells it; that of a run without steps if there is no file yet.
   *
   * @param points of a curve at most
   * @param lastStep at which to stop
   */
  public static History history(
      Path runDirectory, Configuration configuration, int points, long lastStep) {
    return read(
        runDirectory,
        configuration,
        lines -> {
          History history = new History(points);
          lines.takeWhile(line -> step(line) <= lastStep).forEachOrdered(history::add);
          return history;
        });
  }

  /** The line of the last step, without reading the others; empty if there is none. */
  public static Map<String, Object> last(Path runDirectory, Configuration configuration) {
    RunFile file = new RunFile(new Path(runDirectory, FILE_NAME), configuration);
    byte[] end = file.readEnd(LONGEST_LINE).orElse(new byte[0]);
    return WholeLines.of(new ByteArrayInputStream(end))
        .reduce((before, line) -> line)
        .map(line -> parse(file, line))
        .orElse(Map.of());
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
    if (!waits || System.nanoTime() - triedAt >= pauseNanos) {
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
    if (step < lastStep) {
      keepUpTo(step);
    }
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
    pauseNanos =
        Math.max(
            Duration.ofSeconds(REWRITE_SECONDS).toNanos(),
            REWRITE_PAUSE * (System.nanoTime() - triedAt));
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
    if (file.appendable()) {
      long firstStep = step(parse(file, unwritten.get(0)));
      file.replaceAfter(linesUpTo(firstStep - 1).count, content(unwritten));
    } else {
      List<String> lines = new ArrayList<>(written);
      lines.addAll(unwritten);
      file.replace(content(lines));
    }
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
    Beginning kept = linesUpTo(step);
    last = kept.lastLine.isEmpty() ? Map.of() : parse(file, kept.lastLine);
    lastStep = kept.lastLine.isEmpty() ? Long.MIN_VALUE : step(last);
    boolean dropsLines = kept.isCut || isLastLineCutOff();
    if (file.appendable()) {
      if (dropsLines) {
        file.replaceAfter(kept.count, new byte[0]);
      }
      return;
    }
    if (dropsLines) {
      file.replace(content(kept.lines));
    }
    written.clear();
    written.addAll(kept.lines);
  }

  /** By a dying process. */
  private boolean isLastLineCutOff() {
    byte[] end = file.readEnd(1).orElse(new byte[0]);
    return end.length > 0 && end[end.length - 1] != '\n';
  }

  /** The file's lines up to a step. */
  private Beginning linesUpTo(long step) {
    return file.readLines(
            lines -> {
              Beginning beginning = new Beginning();
              for (Iterator<String> all = lines.iterator(); !beginning.isCut && all.hasNext(); ) {
                beginning.add(all.next(), step);
              }
              return beginning;
            })
        .orElseGet(Beginning::new);
  }

  /** How the file begins. The lines themselves are kept only where the file cannot grow. */
  private final class Beginning {

    private final List<String> lines = new ArrayList<>();
    private long count;
    private String lastLine = "";

    /** Whether lines follow that do not belong to it. */
    private boolean isCut;

    void add(String line, long lastStep) {
      isCut = step(parse(file, line)) > lastStep;
      if (isCut) {
        return;
      }
      count++;
      lastLine = line;
      if (!file.appendable()) {
        lines.add(line);
      }
    }
  }

  private static byte[] content(List<String> lines) {
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(line).append('\n'));
    return text.toString().getBytes(UTF_8);
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
