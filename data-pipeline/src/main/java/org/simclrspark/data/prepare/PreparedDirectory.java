package org.simclrspark.data.prepare;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.simclrspark.data.DataException;
import org.simclrspark.data.index.Dataset;
import org.simclrspark.data.source.PreparedDataset;
import org.simclrspark.data.source.PreparedDataset.Recipe;

/**
 * The directory of a prepared dataset. Nothing in it is touched unless everything in it was made
 * here, and a generation stays until the next one is whole.
 */
final class PreparedDirectory {
  /** Where whoever prepares a dataset keeps others out. */
  static final String LOCK = "_lock";

  private static final Set<String> DIRECTORIES = Set.of(PreparedDataset.WORK, Dataset.BESIDE, LOCK);

  private static final String WORK_IN_PROGRESS = "work.json";
  private static final String SOURCE_INDEX = "source";
  private static final Pattern GENERATION = Pattern.compile("\\d{6,}-[0-9a-f]{32}");

  private final Path path;
  private final Path workPath;
  private final TargetFiles files;

  PreparedDirectory(String to, Configuration hadoop) throws IOException {
    files = new TargetFiles(new Path(to), hadoop);
    path = files.fileSystem().makeQualified(new Path(to));
    workPath = new Path(path, PreparedDataset.WORK);
  }

  /**
   * A generation that is being prepared.
   *
   * @param recipe what it is made from, and how
   * @param generation its number
   * @param token tells it from another of this number, whose tasks may still run
   * @param imagesPerFile images of the source in a file
   */
  record Work(Recipe recipe, long generation, String token, int imagesPerFile) {
    String directory() {
      return String.format(Locale.ROOT, "%06d-%s", generation, token);
    }
  }

  /** What is there. */
  record Contents(Optional<PreparedDataset> dataset, Optional<Work> work, List<FileStatus> files) {

    long lastGeneration() {
      long last =
          files.stream()
              .map(file -> PreparedDataset.generationOf(file.getPath().getName()))
              .flatMapToLong(OptionalLong::stream)
              .max()
              .orElse(0);
      return Math.max(last, work.map(Work::generation).orElse(0L));
    }

    /** Whether the work was done, and only what it leaves behind is still there. */
    boolean isWorkDone() {
      return work.isPresent()
          && dataset.isPresent()
          && work.get().generation() == dataset.get().generation();
    }
  }

  Path path() {
    return path;
  }

  FileSystem fileSystem() {
    return files.fileSystem();
  }

  TargetFiles files() {
    return files;
  }

  /** Where the index of the source lies while it is read. */
  Path sourceIndex() {
    return new Path(workPath, SOURCE_INDEX);
  }

  /** Where the parts of a generation lie until it is whole. */
  Path partsOf(Work work) {
    return new Path(workPath, work.directory());
  }

  /**
   * Looks, and touches nothing.
   *
   * @throws DataException if anything is there that was not made here
   */
  Contents look() throws IOException {
    Optional<FileStatus> status = files.status(path);
    if (status.isPresent() && !status.get().isDirectory()) {
      throw new DataException(
          "A dataset is prepared into a directory, but " + path + " is a file; choose another");
    }
    List<FileStatus> found = files.list(path);
    for (FileStatus file : found) {
      refuseUnlessOurs(file);
    }
    Optional<Work> work =
        PreparedDataset.readIfWhole(
            new Path(workPath, WORK_IN_PROGRESS), files.fileSystem(), Work.class);
    Optional<PreparedDataset> dataset = PreparedDataset.newest(found, files.fileSystem());
    if (dataset.isEmpty() && work.isEmpty()) {
      for (FileStatus file : found) {
        if (file.isFile()) {
          throw somethingElse(file);
        }
      }
    }
    return new Contents(dataset, work, found);
  }

  private void refuseUnlessOurs(FileStatus file) throws IOException {
    String name = file.getPath().getName();
    boolean ours =
        file.isDirectory()
            ? DIRECTORIES.contains(name)
            : PreparedDataset.generationOf(name).isPresent();
    if (!ours) {
      throw somethingElse(file);
    }
    if (name.equals(PreparedDataset.WORK)) {
      for (FileStatus inWork : files.list(file.getPath())) {
        refuseUnlessWork(inWork);
      }
    }
  }

  private void refuseUnlessWork(FileStatus file) throws IOException {
    String name = file.getPath().getName();
    if (file.isDirectory() && name.equals(SOURCE_INDEX)) {
      return;
    }
    if (file.isFile() ? !name.equals(WORK_IN_PROGRESS) : !GENERATION.matcher(name).matches()) {
      throw somethingElse(file);
    }
    if (file.isDirectory()) {
      for (FileStatus part : files.list(file.getPath())) {
        if (!part.isFile() || !Generation.isFileOfWork(part.getPath().getName())) {
          throw somethingElse(part);
        }
      }
    }
  }

  private DataException somethingElse(FileStatus file) {
    return new DataException(
        "A dataset is prepared into a new or empty directory, or in place of a prepared dataset,"
            + " but "
            + path
            + " holds something else, "
            + path.toUri().relativize(file.getPath().toUri()).getPath()
            + "; choose another directory");
  }

  /** Begins a generation, in place of one that was begun and will not be finished. */
  Work begin(Contents contents, Recipe recipe, int imagesPerFile) throws IOException {
    Work work =
        new Work(
            recipe,
            contents.lastGeneration() + 1,
            UUID.randomUUID().toString().replace("-", ""),
            imagesPerFile);
    deleteOthers(contents.dataset().map(PreparedDataset::generation).orElse(0L), contents.files());
    deleteWork();
    files.fileSystem().mkdirs(partsOf(work));
    files.writeJson(new Path(workPath, WORK_IN_PROGRESS), work);
    return work;
  }

  /** Deletes what does not belong to a dataset: other generations, finished or not. */
  void clear(PreparedDataset kept) throws IOException {
    deleteOthers(kept.generation(), files.list(path));
    // The work goes last: until then it says whose files these are.
    files.delete(workPath);
  }

  /** Leaves no trace of a source that cannot be read, in a target that was not begun. */
  void forgetSource() throws IOException {
    files.delete(sourceIndex());
    for (Path directory : List.of(workPath, path)) {
      if (files.status(directory).isPresent() && files.list(directory).isEmpty()) {
        files.delete(directory);
      }
    }
  }

  private void deleteOthers(long kept, List<FileStatus> found) throws IOException {
    List<Path> stale =
        found.stream()
            .map(FileStatus::getPath)
            .filter(
                file -> {
                  OptionalLong generation = PreparedDataset.generationOf(file.getName());
                  return generation.isPresent() && generation.getAsLong() != kept;
                })
            .toList();
    TargetFiles.forEach(stale, files::delete);
  }

  private void deleteWork() throws IOException {
    for (FileStatus file : files.list(workPath)) {
      if (GENERATION.matcher(file.getPath().getName()).matches()) {
        files.delete(file.getPath());
      }
    }
    files.delete(new Path(workPath, WORK_IN_PROGRESS));
  }
}
