package org.simclrspark.driver.report;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.simclrspark.driver.storage.AppendedFile;
import org.simclrspark.driver.storage.Storage;
import org.simclrspark.driver.storage.StorageException;

/**
 * The event files of TensorBoard in a run directory: every number of the metrics as a scalar, such
 * as {@code loss} or {@code seconds/embed}.
 *
 * <p>Every driver begins a file of its own, with a start of session at its first step, so that what
 * an earlier driver wrote of the steps that are computed again is forgotten. A file that grows is
 * written every few seconds where the file system can append; an object store gets a further file
 * every few minutes and before every checkpoint.
 */
public final class EventFiles implements Closeable {

  private static final Pattern NAME = Pattern.compile("events\\.out\\.tfevents\\.(\\d{10})\\..*");
  private static final Duration GROWING = Duration.ofSeconds(5);
  private static final Duration WHOLE = Duration.ofMinutes(5);

  /** What waits while files cannot be written. */
  private static final int MOST_WAITING = 4 << 20;

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Path run;
  private final Configuration configuration;
  private final long session;
  private final boolean appendable;
  private final ByteArrayOutputStream waiting = new ByteArrayOutputStream();
  private long firstStep;
  private long writtenAt = System.nanoTime();
  private AppendedFile stream;
  private int files;

  /**
   * Begins the files of a driver; nothing is written before the first step.
   *
   * @throws StorageException if the directory cannot be read
   */
  public EventFiles(Path runDirectory, Configuration configuration) {
    this.run = runDirectory;
    this.configuration = configuration;
    this.appendable = new RunFile(name(0, 0), configuration).appendable();
    long newest = 0;
    for (FileStatus file : Storage.of(run, configuration, line -> {}).list(run)) {
      Matcher matcher = NAME.matcher(file.getPath().getName());
      newest = matcher.matches() ? Math.max(newest, Long.parseLong(matcher.group(1))) : newest;
    }
    // Readers take files in the order of their names, also where a clock was set back.
    this.session = Math.max(newest + 1, System.currentTimeMillis() / 1000);
  }

  private Path name(long of, int file) {
    return new Path(
        run, String.format(Locale.ROOT, "events.out.tfevents.%010d.simclr.%05d", of, file));
  }

  /**
   * Adds the numbers of a step.
   *
   * @param time in Unix seconds
   * @param values by name, as in the metrics; what is no number is passed over
   * @throws StorageException if the files cannot be written; what could not be is written later
   */
  public void add(double time, long step, Map<String, ?> values) {
    Map<String, Double> scalars = new LinkedHashMap<>();
    History.flatten("", "/", values, scalars);
    scalars.remove("step");
    scalars.remove("time");
    if (firstStep == 0) {
      firstStep = step;
    }
    if (waiting.size() < MOST_WAITING) {
      waiting.writeBytes(EventRecord.scalars(time, step, scalars));
    }
    Duration since = Duration.ofNanos(System.nanoTime() - writtenAt);
    if (since.compareTo(appendable ? GROWING : WHOLE) >= 0) {
      flush();
    }
  }

  /** Makes everything so far visible to readers. */
  public void flush() {
    if (waiting.size() == 0) {
      return;
    }
    writtenAt = System.nanoTime();
    if (appendable) {
      grow();
    } else {
      new RunFile(name(session, files), configuration, PATIENCE)
          .replace(concat(head(), waiting.toByteArray()));
      files++;
    }
    waiting.reset();
  }

  private void grow() {
    boolean begins = stream == null;
    try {
      if (begins) {
        stream = new RunFile(name(session, files), configuration, PATIENCE).append();
      }
      stream.append(begins ? concat(head(), waiting.toByteArray()) : waiting.toByteArray());
    } catch (StorageException e) {
      // A record may be cut, and readers go no further in this file.
      AppendedFile torn = stream;
      stream = null;
      files++;
      closeQuietly(torn, e);
      throw e;
    }
  }

  private static void closeQuietly(AppendedFile torn, StorageException failure) {
    try {
      if (torn != null) {
        torn.close();
      }
    } catch (StorageException e) {
      failure.addSuppressed(e);
    }
  }

  /** What a file begins with; the first one also starts the session. */
  private byte[] head() {
    double now = System.currentTimeMillis() / 1e3;
    byte[] version = EventRecord.version(now);
    return files == 0 ? concat(version, EventRecord.start(now, firstStep)) : version;
  }

  private static byte[] concat(byte[] first, byte[] second) {
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    both.writeBytes(first);
    both.writeBytes(second);
    return both.toByteArray();
  }

  @Override
  public void close() {
    try {
      flush();
    } finally {
      if (stream != null) {
        stream.close();
        stream = null;
      }
    }
  }
}
