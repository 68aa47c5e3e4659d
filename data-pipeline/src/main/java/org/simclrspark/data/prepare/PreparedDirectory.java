package org.simclrspark.data.prepare;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.simclrspark.data.DataException;
import org.simclrspark.data.source.PreparedDataset;

/**
 * The directory of a prepared dataset. While it is being prepared, files lie in a hidden directory
 * within it; {@code dataset.json} and the removal of that directory make it whole.
 */
final class PreparedDirectory {
  private static final String SETTINGS = "settings.json";
  private static final String REJECTED = "rejected.jsonl";
  private static final String PER_FILE = "images_per_file";

  private final Path to;
  private final Path work;
  private final FileSystem fileSystem;
  private final Map<String, Object> identity;
  private final boolean overwrite;

  PreparedDirectory(PrepareSettings settings, Configuration configuration) throws IOException {
    to = new Path(settings.to());
    work = new Path(to, PreparedDataset.WORK);
    fileSystem = to.getFileSystem(configuration);
    overwrite = settings.overwrite();
    identity = new LinkedHashMap<>();
    identity.put("from", settings.from());
    identity.put("format", settings.format());
    identity.put("shorter_side", settings.shorterSide());
    identity.put("form", settings.form().name());
    identity.put("quality", settings.quality());
  }

  static PartWriter writer(PrepareSettings settings, Configuration configuration)
      throws IOException {
    return new PartWriter(
        new Path(new Path(settings.to()), PreparedDataset.WORK), settings, configuration);
  }

  /**
   * The summary of a dataset that was prepared in the same way, or null if there is none yet.
   *
   * @throws DataException if something else is there that may not be replaced
   */
  Map<String, Object> finished() throws IOException {
    Path summary = new Path(to, PreparedDataset.SUMMARY);
    boolean working = fileSystem.exists(work);
    if (fileSystem.exists(summary) && !working) {
      Map<String, Object> found = readJson(summary);
      if (!overwrite && matches(found)) {
        return found;
      }
      refuseUnlessOverwrite("a dataset that was prepared otherwise, from " + found.get("from"));
      fileSystem.delete(to, true);
    } else if (!working && fileSystem.exists(to) && fileSystem.listStatusIterator(to).hasNext()) {
      throw new DataException(
          "A dataset is prepared into a new or empty directory, but "
              + to
              + " holds something else; choose another");
    }
    return null;
  }

  /**
   * Begins, or goes on.
   *
   * @return images in a file: as asked for, or as they were when the preparation began
   */
  int begin(long count, int perFile) throws IOException {
    identity.put("count", count);
    Path settings = new Path(work, SETTINGS);
    if (fileSystem.exists(settings)) {
      Map<String, Object> found = readJson(settings);
      if (matches(found) && found.get(PER_FILE) instanceof Integer used) {
        return used;
      }
      refuseUnlessOverwrite("the beginning of another dataset, from " + found.get("from"));
    }
    fileSystem.delete(to, true);
    fileSystem.mkdirs(work);
    Map<String, Object> stored = new LinkedHashMap<>(identity);
    stored.put(PER_FILE, perFile);
    PartWriter.writeJson(fileSystem, settings, stored);
    return perFile;
  }

  boolean hasPart(int part) {
    try {
      return fileSystem.exists(new Path(work, PartWriter.reportName(part)));
    } catch (IOException e) {
      throw new DataException("The dataset cannot be read at " + to + ": " + e.getMessage(), e);
    }
  }

  /** Gives the files their place, writes what is known about them, and makes the dataset whole. */
  Map<String, Object> finish(int files, double seconds) throws IOException {
    PartReport all = new PartReport();
    for (int part = 0; part < files; part++) {
      all.add(readReport(part));
      move(part);
    }
    try (var output = fileSystem.create(new Path(to, REJECTED), true)) {
      for (PartReport.Rejected rejected : all.rejected) {
        output.write(PartWriter.JSON.writeValueAsBytes(rejected));
        output.write('\n');
      }
    }
    Map<String, Object> summary = Preparation.summary(all, files, seconds);
    Map<String, Object> stored = new LinkedHashMap<>(identity);
    stored.putAll(summary);
    stored.put("labels", all.labels);
    PartWriter.writeJson(fileSystem, new Path(to, PreparedDataset.SUMMARY), stored);
    fileSystem.delete(work, true);
    return stored;
  }

  private PartReport readReport(int part) throws IOException {
    try (FSDataInputStream input = fileSystem.open(new Path(work, PartWriter.reportName(part)))) {
      return PartWriter.JSON.readValue(input.readAllBytes(), PartReport.class);
    }
  }

  private void move(int part) throws IOException {
    Path from = new Path(work, PartWriter.fileName(part));
    Path target = new Path(to, PartWriter.fileName(part));
    if (!fileSystem.exists(from) && fileSystem.exists(target)) {
      return;
    }
    if (!fileSystem.rename(from, target)) {
      throw new IOException("a file cannot be renamed to " + target);
    }
  }

  private void refuseUnlessOverwrite(String found) {
    if (!overwrite) {
      throw new DataException(
          "A dataset is prepared once, but "
              + to
              + " holds "
              + found
              + "; choose another directory or overwrite it");
    }
  }

  private boolean matches(Map<String, Object> found) {
    return identity.entrySet().stream()
        .allMatch(
            entry ->
                String.valueOf(entry.getValue()).equals(String.valueOf(found.get(entry.getKey()))));
  }

  private Map<String, Object> readJson(Path file) throws IOException {
    try (FSDataInputStream input = fileSystem.open(file)) {
      return PartWriter.JSON.readValue(
          input.readAllBytes(), new TypeReference<LinkedHashMap<String, Object>>() {});
    } catch (JsonProcessingException e) {
      return Map.of();
    }
  }
}
