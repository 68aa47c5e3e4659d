package org.simclrspark.data.source;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.util.ArrayList;
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
      throw SourceFiles.unlistable(spec.path(), e);
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
    List<FoundFile> matches = SourceFiles.match(spec.path(), hadoop);
    if (matches.size() == 1 && matches.get(0).isFile()) {
      return SourceFiles.units(matches, leftOut);
    }
    DataFiles on = DataFiles.of(spec.path(), hadoop);
    List<FoundFile> files = new ArrayList<>();
    List<FoundFile> others = new ArrayList<>();
    for (FoundFile file : SourceFiles.below(spec.path(), matches, hadoop, leftOut)) {
      if (!file.name().startsWith("_")) {
        (isParquet(file, on) ? files : others).add(SourceFiles.requireFile(file));
      }
    }
    others.forEach(file -> leftOut.add(ImageFiles.kind(file.name()), file.name()));
    if (files.isEmpty()) {
      throw new DataException(
          "A Parquet dataset must have files named *.parquet, but none is in "
              + spec.path()
              + (leftOut.isEmpty() ? "" : " (" + leftOut.describe() + ")")
              + "; check the path or name another format");
    }
    String root = SourceFiles.units(files, leftOut).root();
    return SourceFiles.units(ParquetSplits.of(spec.split(), root, files, leftOut), leftOut);
  }

  /** By its name, or for a file whose name says nothing by its first bytes. */
  private static boolean isParquet(FoundFile file, DataFiles on) throws IOException {
    if (file.name().indexOf('.') >= 0 || !file.isFile()) {
      return EXTENSIONS.contains(ImageFiles.extension(file.name()));
    }
    try (FSDataInputStream input = on.open(file.path())) {
      return new String(input.readNBytes(MAGIC.length()), US_ASCII).equals(MAGIC);
    }
  }
}
