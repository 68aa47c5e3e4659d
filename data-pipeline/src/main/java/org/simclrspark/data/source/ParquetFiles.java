package org.simclrspark.data.source;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.simclrspark.data.DataException;
import org.simclrspark.data.files.DataFiles;
import org.simclrspark.data.files.FoundFile;
import org.simclrspark.data.files.HiddenNames;
import org.simclrspark.data.files.Listing;
import org.simclrspark.data.files.PathPattern;
import org.simclrspark.data.index.DatasetSpec;
import org.simclrspark.data.index.LeftOut;
import org.simclrspark.data.index.ScanUnit;
import org.simclrspark.data.index.ScanUnits;

/**
 * The Parquet files of a dataset: those that a prepared dataset lists, or those at a path and below
 * it that belong to a split.
 */
final class ParquetFiles {
  private static final Set<String> EXTENSIONS = Set.of("parquet", "parq", "pq");
  private static final String MAGIC = "PAR1";

  private ParquetFiles() {}

  /**
   * A unit for each file, in the order of their paths.
   *
   * @throws DataException if there is none or the file system refuses
   */
  static ScanUnits list(DatasetSpec spec, Configuration hadoop) {
    try {
      LeftOut leftOut = new LeftOut();
      Optional<ScanUnits> prepared = prepared(spec.path(), hadoop);
      return prepared.isPresent() ? prepared.get() : found(spec, hadoop, leftOut);
    } catch (IOException | IllegalArgumentException e) {
      throw new DataException(
          "Data cannot be listed at "
              + spec.path()
              + ": "
              + HadoopFiles.reason(e)
              + "; check path and permissions",
          e);
    }
  }

  private static Optional<ScanUnits> prepared(String path, Configuration hadoop)
      throws IOException {
    Path directory;
    try {
      directory = new Path(path);
    } catch (IllegalArgumentException e) {
      // A name that Hadoop does not take is none that was prepared.
      return Optional.empty();
    }
    FileSystem fileSystem = directory.getFileSystem(hadoop);
    Optional<PreparedDataset> dataset = PreparedDataset.in(directory, fileSystem);
    if (dataset.isEmpty()) {
      return Optional.empty();
    }
    String root = fileSystem.makeQualified(directory).toString();
    List<ScanUnit> units = new ArrayList<>();
    for (FileStatus file : dataset.get().files(directory, fileSystem)) {
      units.add(
          new ScanUnit(
              root, file.getPath().getName(), 0, file.getLen(), file.getModificationTime()));
    }
    return Optional.of(new ScanUnits(root, units, new LeftOut()));
  }

  private static ScanUnits found(DatasetSpec spec, Configuration hadoop, LeftOut leftOut)
      throws IOException {
    List<FoundFile> matches = PathPattern.match(spec.path(), hadoop);
    if (matches.isEmpty()) {
      throw new DataException(
          "Data must exist, but nothing is at " + spec.path() + "; check the path");
    }
    DataFiles on = DataFiles.of(spec.path(), hadoop);
    List<FoundFile> files = new ArrayList<>();
    for (FoundFile match : matches) {
      if (match.isDirectory()) {
        addBelow(match, on, files, leftOut);
      } else {
        files.add(match);
      }
    }
    if (files.isEmpty()) {
      throw new DataException(
          "A Parquet dataset must have files named *.parquet, but none is in "
              + spec.path()
              + (leftOut.isEmpty() ? "" : " (" + leftOut.describe() + ")")
              + "; check the path or name another format");
    }
    files.sort(Comparator.comparing(FoundFile::path));
    String root = root(files);
    List<ScanUnit> units = new ArrayList<>();
    for (FoundFile file : ParquetSplits.of(spec.split(), root, files, leftOut)) {
      String name = file.path().substring(root.length() + 1);
      units.add(new ScanUnit(root, name, 0, file.length(), file.modified()));
    }
    return new ScanUnits(root, units, leftOut);
  }

  private static void addBelow(
      FoundFile directory, DataFiles on, List<FoundFile> files, LeftOut leftOut)
      throws IOException {
    try (Listing listing = on.walk(directory.path(), directory.path(), leftOut::add)) {
      for (FoundFile file = listing.next(); file != null; file = listing.next()) {
        String relative = file.path().substring(directory.path().length() + 1);
        if (HiddenNames.isInHiddenDirectory(relative)
            || file.name().startsWith(".")
            || file.name().startsWith("_")) {
          continue;
        }
        if (isParquet(file, on)) {
          files.add(file);
        } else {
          leftOut.add(ImageFiles.kind(file.name()), relative);
        }
      }
    }
  }

  /** By its name, or for a file whose name says nothing by its first bytes. */
  private static boolean isParquet(FoundFile file, DataFiles on) throws IOException {
    if (file.name().indexOf('.') >= 0 || !file.isFile()) {
      return EXTENSIONS.contains(ImageFiles.extension(file.name()));
    }
    try (FSDataInputStream input = on.open(file.path())) {
      return new String(
              input.readNBytes(MAGIC.length()), java.nio.charset.StandardCharsets.US_ASCII)
          .equals(MAGIC);
    }
  }

  /** The deepest directory that holds all files. */
  private static String root(List<FoundFile> files) {
    String root = parent(files.get(0).path());
    for (FoundFile file : files) {
      while (!file.path().startsWith(root + "/")) {
        root = parent(root);
      }
    }
    return root;
  }

  private static String parent(String path) {
    return path.substring(0, path.lastIndexOf('/'));
  }
}
