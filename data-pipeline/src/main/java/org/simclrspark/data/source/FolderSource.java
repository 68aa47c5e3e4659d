package org.simclrspark.data.source;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.ImageRecord.Encoding;
import org.simclrspark.data.ImageSource;

/**
 * Image files in a directory and the directories in it. The class of an image is the first of these
 * directories, its label the directory's place in alphabetical order.
 *
 * <p>Ids are places in the order of the paths within the directory. Spark's tasks list and sort the
 * files; the driver sees only the directories of the first level.
 */
public final class FolderSource implements ImageSource {
  private final String path;
  private Index index;

  /**
   * Names the data; nothing is read yet.
   *
   * @param path a directory on any Hadoop file system, or a glob of one
   */
  public FolderSource(String path) {
    this.path = path;
  }

  @Override
  public JavaRDD<ImageRecord> read(JavaSparkContext spark) {
    Index found = index(spark);
    ClassNames classes = found.classes;
    String root = found.root;
    SerializableConfiguration configuration =
        new SerializableConfiguration(spark.hadoopConfiguration());
    return found.files.map(
        file -> {
          String name = root + "/" + file._1();
          return new ImageRecord(
              file._2(),
              classes.label(ClassNames.folder(file._1())),
              name,
              Encoding.FILE,
              ImageFiles.read(name, configuration.value()));
        });
  }

  @Override
  public long count(JavaSparkContext spark) {
    return index(spark).count;
  }

  private synchronized Index index(JavaSparkContext spark) {
    if (index == null || index.files.context() != spark.sc()) {
      index = list(spark);
    }
    return index;
  }

  private Index list(JavaSparkContext spark) {
    Configuration hadoop = spark.hadoopConfiguration();
    FileStatus directory = HadoopFiles.directory(path, hadoop);
    String root = directory.getPath().toString();
    SerializableConfiguration configuration = new SerializableConfiguration(hadoop);
    List<Listing> listings = new ArrayList<>();
    listings.add(new Listing(root, root, false));
    spark
        .parallelize(List.of(root), 1)
        .flatMap(top -> HadoopFiles.directories(top, configuration.value()).iterator())
        .collect()
        .forEach(child -> listings.add(new Listing(root, child, true)));
    int partitions = Math.max(1, spark.defaultParallelism() * 4);
    JavaRDD<String> sorted =
        spark
            .parallelize(listings, Math.min(listings.size(), partitions))
            .flatMap(listing -> listing.files(configuration.value()))
            .sortBy(file -> file, true, partitions);
    sorted.persist(StorageLevel.MEMORY_AND_DISK());
    JavaPairRDD<String, Long> files = sorted.zipWithIndex();
    long count = sorted.count();
    if (count == 0) {
      throw new DataException(
          "An image folder must hold image files, but none is in "
              + path
              + "; check the path or name another format");
    }
    List<String> folders =
        sorted.map(ClassNames::folder).filter(Objects::nonNull).distinct().collect();
    return new Index(root, files, count, new ClassNames(folders));
  }

  private record Index(
      String root, JavaPairRDD<String, Long> files, long count, ClassNames classes) {}

  /** A directory to list in a task. */
  private record Listing(String root, String directory, boolean recursive) implements Serializable {

    /** Paths of the image files, relative to the root. */
    Iterator<String> files(Configuration configuration) throws IOException {
      Path listed = new Path(directory);
      FileSystem fileSystem = listed.getFileSystem(configuration);
      List<String> files = new ArrayList<>();
      if (recursive) {
        HadoopFiles.walk(
            fileSystem,
            listed,
            file -> {
              add(file, files);
              return true;
            });
      } else {
        RemoteIterator<FileStatus> statuses = fileSystem.listStatusIterator(listed);
        while (statuses.hasNext()) {
          FileStatus status = statuses.next();
          if (status.isFile()) {
            add(status.getPath(), files);
          }
        }
      }
      return files.iterator();
    }

    private void add(Path file, List<String> files) {
      int prefix = new Path(root).toUri().getPath().length() + 1;
      String relative = file.toUri().getPath().substring(prefix);
      if (ImageFiles.isImage(relative) && !isHidden(relative)) {
        files.add(relative);
      }
    }

    private static boolean isHidden(String relative) {
      return relative.startsWith(".")
          || relative.startsWith("_")
          || relative.contains("/.")
          || relative.contains("/_");
    }
  }
}
