package org.simclrspark.data.source;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.ImageSource;

/**
 * Parquet files with a binary column of images, and perhaps columns of ids, labels and names, see
 * {@link ParquetColumns}. Without a column of ids, ids count the rows, file after file in the order
 * of the files' names. Every row group is a partition.
 */
public final class ParquetSource implements ImageSource {
  private final String path;
  private List<RowGroup> index;

  /**
   * Names the data; nothing is read yet.
   *
   * @param path a file, a directory or a glob on any Hadoop file system
   */
  public ParquetSource(String path) {
    this.path = path;
  }

  @Override
  public JavaRDD<ImageRecord> read(JavaSparkContext spark) {
    List<RowGroup> groups = index(spark);
    SerializableConfiguration configuration =
        new SerializableConfiguration(spark.hadoopConfiguration());
    return spark
        .parallelize(groups, groups.size())
        .flatMap(group -> group.read(configuration.value()));
  }

  @Override
  public long count(JavaSparkContext spark) {
    return index(spark).stream().mapToLong(RowGroup::rows).sum();
  }

  private synchronized List<RowGroup> index(JavaSparkContext spark) {
    if (index == null) {
      index = scan(spark);
    }
    return index;
  }

  private List<RowGroup> scan(JavaSparkContext spark) {
    Configuration hadoop = spark.hadoopConfiguration();
    PreparedDataset.checkComplete(path, hadoop);
    List<String> files =
        HadoopFiles.list(path, "parquet", hadoop).stream()
            .map(FileStatus::getPath)
            .map(Path::toString)
            .toList();
    SerializableConfiguration configuration = new SerializableConfiguration(hadoop);
    List<List<Integer>> rows =
        spark
            .parallelize(files, files.size())
            .map(file -> rowsOfGroups(file, configuration.value()))
            .collect();
    List<RowGroup> groups = new ArrayList<>();
    long id = 0;
    for (int file = 0; file < files.size(); file++) {
      for (int group = 0; group < rows.get(file).size(); group++) {
        int count = rows.get(file).get(group);
        if (count > 0) {
          groups.add(new RowGroup(files.get(file), group, count, id));
        }
        id += count;
      }
    }
    if (groups.isEmpty()) {
      throw new DataException("A dataset must hold images, but " + path + " has no rows");
    }
    return groups;
  }

  private static List<Integer> rowsOfGroups(String file, Configuration configuration) {
    try (ParquetFileReader reader = open(file, configuration)) {
      ParquetColumns.of(file, reader.getFileMetaData().getSchema());
      List<Integer> rows = new ArrayList<>();
      for (BlockMetaData block : reader.getRowGroups()) {
        rows.add(Math.toIntExact(block.getRowCount()));
      }
      return rows;
    } catch (IOException | RuntimeException e) {
      throw unreadable(file, e);
    }
  }

  static ParquetFileReader open(String file, Configuration configuration) throws IOException {
    return ParquetFileReader.open(HadoopInputFile.fromPath(new Path(file), configuration));
  }

  /** Parquet throws unchecked exceptions on damaged files. */
  static DataException unreadable(String file, Exception e) {
    return e instanceof DataException known
        ? known
        : new DataException(
            "A Parquet file must be whole, but "
                + file
                + " cannot be read: "
                + HadoopFiles.reason(e)
                + "; fetch it again",
            e);
  }

  /** Consecutive rows of one file. */
  private record RowGroup(String file, int group, int rows, long firstId) implements Serializable {

    Iterator<ImageRecord> read(Configuration configuration) {
      try {
        return new ParquetRows(file, group, firstId, configuration);
      } catch (IOException | RuntimeException e) {
        throw unreadable(file, e);
      }
    }
  }
}
