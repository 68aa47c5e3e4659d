package org.simclrspark.data.source;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.simclrspark.data.DataException;
import org.simclrspark.data.index.DatasetSpec;
import org.simclrspark.data.index.FoundImage;
import org.simclrspark.data.index.ImageScan;
import org.simclrspark.data.index.ImageScanner;
import org.simclrspark.data.index.LeftOut;
import org.simclrspark.data.index.ScanUnit;
import org.simclrspark.data.index.ScanUnits;

/**
 * Parquet files with a binary column of images, and perhaps columns of labels and names, see {@link
 * ParquetColumns}. Ids count the rows, file after file in the order of the files' names.
 */
public final class ParquetScanner implements ImageScanner {
  private final DatasetSpec spec;

  /** Names the data; nothing is read yet. */
  public ParquetScanner(DatasetSpec spec) {
    this.spec = spec;
  }

  @Override
  public String format() {
    return "parquet";
  }

  @Override
  public ScanUnits list(Configuration hadoop) {
    return HadoopFiles.units(files(hadoop), new LeftOut());
  }

  private List<FileStatus> files(Configuration hadoop) {
    Path directory = new Path(spec.path());
    try {
      FileSystem fileSystem = directory.getFileSystem(hadoop);
      Optional<PreparedDataset> prepared = PreparedDataset.in(directory, fileSystem);
      if (prepared.isPresent()) {
        List<FileStatus> files = new ArrayList<>();
        for (PreparedDataset.Part part : prepared.get().parts()) {
          files.add(fileSystem.getFileStatus(new Path(directory, part.name())));
        }
        return files;
      }
    } catch (IOException e) {
      throw new DataException(
          "Data cannot be listed at "
              + spec.path()
              + ": "
              + HadoopFiles.reason(e)
              + "; check path and permissions",
          e);
    }
    return HadoopFiles.list(spec.path(), "parquet", hadoop);
  }

  @Override
  public ImageScan open(ScanUnit unit, boolean withBytes, Configuration hadoop) throws IOException {
    try {
      return new Rows(unit, open(unit.path(), hadoop));
    } catch (RuntimeException e) {
      throw damaged(e);
    }
  }

  private static ParquetFileReader open(String file, Configuration hadoop) throws IOException {
    return ParquetFileReader.open(HadoopInputFile.fromPath(new Path(file), hadoop));
  }

  /** Parquet throws unchecked exceptions on damaged files. */
  private static IOException damaged(RuntimeException e) {
    if (e instanceof org.simclrspark.data.DataException known) {
      throw known;
    }
    return new IOException(HadoopFiles.reason(e), e);
  }

  /** The rows of a file. */
  private static final class Rows implements ImageScan {
    private final ScanUnit unit;
    private final ParquetFileReader reader;
    private ParquetRows group;

    Rows(ScanUnit unit, ParquetFileReader reader) {
      this.unit = unit;
      this.reader = reader;
    }

    @Override
    public FoundImage next() throws IOException {
      try {
        while (group == null || !group.hasNext()) {
          long before = group == null ? 0 : group.end();
          group = ParquetRows.next(unit, reader, before);
          if (group == null) {
            return null;
          }
        }
        return group.next();
      } catch (RuntimeException e) {
        throw damaged(e);
      }
    }

    @Override
    public String sequentialOnly() {
      return "its rows are read in groups";
    }

    @Override
    public LeftOut leftOut() {
      return new LeftOut();
    }

    @Override
    public void close() throws IOException {
      reader.close();
    }
  }
}
