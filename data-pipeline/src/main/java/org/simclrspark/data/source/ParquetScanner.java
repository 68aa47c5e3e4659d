package org.simclrspark.data.source;

import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopStreams;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;
import org.simclrspark.data.DataException;
import org.simclrspark.data.files.DataFiles;
import org.simclrspark.data.index.DatasetSpec;
import org.simclrspark.data.index.ImageScan;
import org.simclrspark.data.index.ImageScanner;
import org.simclrspark.data.index.ScanUnit;
import org.simclrspark.data.index.ScanUnits;

/**
 * Parquet files with a binary column of images, and perhaps columns of labels and names, see {@link
 * ParquetColumns}. Ids count the rows, file after file in the order of the files' paths.
 */
public final class ParquetScanner implements ImageScanner {
  private final DatasetSpec spec;
  private Meaning first;

  /** Names the data; nothing is read yet. */
  public ParquetScanner(DatasetSpec spec) {
    this.spec = spec;
  }

  /**
   * What the columns of a file mean, which must be the same in all.
   *
   * @param image the column of images
   * @param label where labels are from, in words
   * @param classNames what the numbers of labels stand for, or null
   */
  private record Meaning(String file, String image, String label, List<String> classNames)
      implements Serializable {

    static Meaning of(
        String file, ParquetColumns columns, Optional<ParquetLabels.Partition> partition) {
      String label =
          partition.isPresent()
              ? "the directory " + partition.get().key()
              : columns.label() == null ? "nowhere" : "the column " + columns.label().getName();
      return new Meaning(
          file,
          columns.image().getName(),
          label,
          partition.isPresent() ? null : columns.classNames());
    }

    void requireSameAs(Meaning first) {
      require(image, first.image, "their images in one column", first);
      require(label, first.label, "their labels from one place", first);
      require(classNames, first.classNames, "the same names of classes", first);
    }

    private void require(Object mine, Object other, String what, Meaning first) {
      if (!Objects.equals(mine, other)) {
        throw new DataException(
            "The files of a dataset must have "
                + what
                + ", but "
                + first.file
                + " has "
                + other
                + " and "
                + file
                + " has "
                + mine
                + "; name the columns with data.columns, or read the files apart");
      }
    }
  }

  @Override
  public String format() {
    return "parquet";
  }

  @Override
  public ScanUnits list(Configuration hadoop) {
    ScanUnits units = ParquetFiles.list(spec, hadoop);
    if (first == null) {
      ScanUnit unit = units.units().get(0);
      try (ParquetFileReader reader = open(unit, hadoop)) {
        first = Meaning.of(unit.path(), columns(unit, reader, partition(unit)), partition(unit));
      } catch (IOException e) {
        throw new DataException(
            "A Parquet file must be whole and readable, but "
                + unit.path()
                + " cannot be read: "
                + SourceFiles.reason(e)
                + "; fetch it again",
            e);
      }
    }
    return units;
  }

  @Override
  public ImageScan open(ScanUnit unit, boolean withBytes, Configuration hadoop) throws IOException {
    ParquetFileReader reader = open(unit, hadoop);
    try {
      Optional<ParquetLabels.Partition> partition = partition(unit);
      ParquetColumns columns = columns(unit, reader, partition);
      Meaning.of(unit.path(), columns, partition).requireSameAs(first);
      FSDataInputStream pages =
          withBytes ? null : DataFiles.of(unit.path(), hadoop).open(unit.path());
      return new ParquetScan(unit, reader, pages, columns, partition);
    } catch (IOException | RuntimeException e) {
      reader.close();
      throw e instanceof RuntimeException unchecked
          ? ParquetErrors.of(unit.path(), unchecked)
          : (IOException) e;
    }
  }

  private ParquetColumns columns(
      ScanUnit unit, ParquetFileReader reader, Optional<ParquetLabels.Partition> partition) {
    return ParquetColumns.of(
        unit.path(), reader.getFileMetaData(), spec.columns(), partition.isEmpty());
  }

  private Optional<ParquetLabels.Partition> partition(ScanUnit unit) {
    return ParquetLabels.partition(unit.path(), spec.columns().label());
  }

  private static ParquetFileReader open(ScanUnit unit, Configuration hadoop) throws IOException {
    try {
      ParquetReadOptions options = HadoopReadOptions.builder(hadoop).build();
      return ParquetFileReader.open(
          new StoredFile(unit, DataFiles.of(unit.path(), hadoop)), options);
    } catch (RuntimeException e) {
      throw ParquetErrors.of(unit.path(), e);
    }
  }

  /** A file for Parquet's reader. */
  private record StoredFile(ScanUnit unit, DataFiles files) implements InputFile {
    @Override
    public long getLength() {
      return unit.to();
    }

    @Override
    public String toString() {
      return unit.path();
    }

    @Override
    public SeekableInputStream newStream() throws IOException {
      return HadoopStreams.wrap(files.open(unit.path()));
    }
  }
}
