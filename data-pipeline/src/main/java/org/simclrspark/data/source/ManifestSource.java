package org.simclrspark.data.source;

import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.ImageRecord.Encoding;
import org.simclrspark.data.ImageSource;

/**
 * Image files that a text file lists: a path a line, absolute or relative to the text file, then,
 * if there is one, a tab and the label. Empty lines and lines that start with # do not count. Ids
 * are places in the list.
 */
public final class ManifestSource implements ImageSource {
  private final String path;
  private JavaPairRDD<String, Long> lines;

  /**
   * Names the data; nothing is read yet.
   *
   * @param path the text file, on any Hadoop file system
   */
  public ManifestSource(String path) {
    this.path = path;
  }

  @Override
  public JavaRDD<ImageRecord> read(JavaSparkContext spark) {
    SerializableConfiguration configuration =
        new SerializableConfiguration(spark.hadoopConfiguration());
    FileStatus manifest = HadoopFiles.file(path, spark.hadoopConfiguration());
    String directory = manifest.getPath().getParent().toString();
    return lines(spark)
        .map(
            line -> {
              String[] parts = line._1().split("\t", -1);
              String name = new Path(new Path(directory), parts[0].strip()).toString();
              return new ImageRecord(
                  line._2(),
                  parts.length > 1 ? label(line._1(), parts[1]) : -1,
                  name,
                  Encoding.FILE,
                  ImageFiles.read(name, configuration.value()));
            });
  }

  @Override
  public long count(JavaSparkContext spark) {
    long count = lines(spark).count();
    if (count == 0) {
      throw new DataException("A manifest must list images, but " + path + " lists none");
    }
    return count;
  }

  private synchronized JavaPairRDD<String, Long> lines(JavaSparkContext spark) {
    if (lines == null || lines.context() != spark.sc()) {
      FileStatus manifest = HadoopFiles.file(path, spark.hadoopConfiguration());
      lines =
          spark
              .textFile(manifest.getPath().toString(), spark.defaultParallelism() * 4)
              .filter(line -> !line.isBlank() && !line.startsWith("#"))
              .zipWithIndex();
    }
    return lines;
  }

  private static int label(String line, String label) {
    try {
      return Integer.parseInt(label.strip());
    } catch (NumberFormatException e) {
      throw new DataException(
          "A manifest's label must be a whole number after a tab, found: " + line, e);
    }
  }
}
