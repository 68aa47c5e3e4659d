package org.simclrspark.driver.run;

import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.report.Summary;
import org.simclrspark.driver.storage.Storage;

/**
 * The runs of a schedule: ordinary run directories beside each other, whose names come from one
 * pattern with {@code {date}} in it.
 */
public final class RunSeries {

  /** Stands for the date of a firing, such as 2026-11-25. */
  public static final String DATE = "{date}";

  private final Path parent;
  private final String before;
  private final String after;
  private final Storage storage;
  private final Configuration hadoop;

  /**
   * One run of the series.
   *
   * @param path its directory
   * @param date of the firing that started it
   * @param summary what came out of it; empty while it is unfinished
   */
  public record Entry(Path path, LocalDate date, Optional<Summary> summary) {

    /** Whether it was trained to its end: it then says on which images. */
    public boolean isFinished() {
      return summary.map(values -> values.values().get(Summary.DATA_FINGERPRINT)).isPresent();
    }
  }

  /**
   * The series of a pattern.
   *
   * @param pattern a path with {@link #DATE} once, in its last name
   * @param log takes a line about every retry of the storage
   * @throws ConfigurationException if the date is elsewhere
   */
  public RunSeries(String pattern, Configuration hadoop, Consumer<String> log) {
    Path path = new Path(pattern);
    String name = path.getName();
    int at = name.indexOf(DATE);
    if (at < 0 || name.indexOf(DATE, at + 1) >= 0) {
      throw new ConfigurationException(
          "--run: {date} must stand once, in the last name of the path, found "
              + pattern
              + ". Take one such as hdfs:///runs/{date}.");
    }
    if (path.getParent().toString().contains(DATE)) {
      throw new ConfigurationException(
          "--run: {date} must not name a parent directory, found "
              + pattern
              + ". Take one such as hdfs:///runs/{date}.");
    }
    this.parent = path.getParent();
    this.before = name.substring(0, at);
    this.after = name.substring(at + DATE.length());
    this.hadoop = hadoop;
    this.storage = Storage.of(parent, hadoop, log);
  }

  /** Whether a path names a series. */
  public static boolean isPattern(String run) {
    return run != null && run.contains(DATE);
  }

  /** The run of a date, whether it exists or not. */
  public Path directory(LocalDate date) {
    return new Path(parent, before + date + after);
  }

  /**
   * The run that a firing works on: the newest one while it is unfinished, else that of the date.
   */
  public Path current(LocalDate date) {
    return newest()
        .filter(entry -> !entry.isFinished())
        .map(Entry::path)
        .orElseGet(() -> directory(date));
  }

  /** The newest run, finished or not. */
  public Optional<Entry> newest() {
    return entries().stream().findFirst();
  }

  /** The newest run that was trained to its end. */
  public Optional<Entry> lastFinished() {
    return entries().stream().filter(Entry::isFinished).findFirst();
  }

  /**
   * Deletes the oldest finished runs. Unfinished ones stay, and so does the newest finished one.
   *
   * @param keep finished runs that stay, at least 1
   * @return the directories that were deleted
   */
  public List<Path> prune(int keep) {
    List<Path> deleted = new ArrayList<>();
    entries().stream()
        .filter(Entry::isFinished)
        .skip(Math.max(1, keep))
        .map(Entry::path)
        .forEach(
            path -> {
              storage.delete(path);
              deleted.add(path);
            });
    return deleted;
  }

  /** All runs, the newest first. */
  private List<Entry> entries() {
    List<Entry> entries = new ArrayList<>();
    for (FileStatus status : storage.list(storage.qualify(parent))) {
      if (status.isDirectory()) {
        date(status.getPath().getName())
            .ifPresent(
                date ->
                    entries.add(
                        new Entry(status.getPath(), date, Summary.read(status.getPath(), hadoop))));
      }
    }
    entries.sort(Comparator.comparing(Entry::date).reversed());
    return entries;
  }

  private Optional<LocalDate> date(String name) {
    if (!name.startsWith(before)
        || !name.endsWith(after)
        || name.length() <= before.length() + after.length()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          LocalDate.parse(name.substring(before.length(), name.length() - after.length())));
    } catch (DateTimeParseException other) {
      return Optional.empty();
    }
  }
}
