package org.simclrspark.data.source;

import java.io.Closeable;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.ImageRecord.Encoding;
import org.simclrspark.data.ImageSource;

/**
 * Files that hold many images one after the other. Ids count the images, file after file in the
 * order of the files' names; a first pass over all files, in parallel, counts them.
 */
abstract class ShardSource implements ImageSource {
  private final String path;
  private final String format;
  private final String extension;
  private final Opener opener;
  private Index index;

  /**
   * Names the data; nothing is read yet.
   *
   * @param path a file, a directory or a glob
   * @param format for messages
   * @param extension of the files of a directory that count; empty for all
   */
  ShardSource(String path, String format, String extension, Opener opener) {
    this.path = path;
    this.format = format;
    this.extension = extension;
    this.opener = opener;
  }

  /** Opens a file. */
  @FunctionalInterface
  interface Opener extends Serializable {
    Reader open(Path file, Configuration configuration) throws IOException;
  }

  /** Reads the images of a file in order. */
  interface Reader extends Closeable {
    /**
     * The next image, or null at the end.
     *
     * @param withBytes whether its bytes are wanted; without them they are null
     */
    Stored next(boolean withBytes) throws IOException;
  }

  /**
   * An image as it is found.
   *
   * @param name within the file
   * @param label or -1, then the folder in the name is the class
   */
  record Stored(String name, int label, byte[] bytes) {}

  @Override
  public final JavaRDD<ImageRecord> read(JavaSparkContext spark) {
    Index found = index(spark);
    SerializableConfiguration configuration =
        new SerializableConfiguration(spark.hadoopConfiguration());
    ClassNames classes = found.classes;
    Opener open = opener;
    String what = format;
    return spark
        .parallelize(found.shards, found.shards.size())
        .flatMap(shard -> new Images(shard, classes, what, open, configuration.value()));
  }

  @Override
  public final long count(JavaSparkContext spark) {
    return index(spark).count;
  }

  private synchronized Index index(JavaSparkContext spark) {
    if (index == null) {
      index = scan(spark);
    }
    return index;
  }

  private Index scan(JavaSparkContext spark) {
    List<String> files =
        HadoopFiles.list(path, extension, spark.hadoopConfiguration()).stream()
            .map(status -> status.getPath().toString())
            .toList();
    SerializableConfiguration configuration =
        new SerializableConfiguration(spark.hadoopConfiguration());
    Opener open = opener;
    String what = format;
    List<Shard> shards =
        spark
            .parallelize(files, files.size())
            .map(file -> scan(file, what, open, configuration.value()))
            .collect();
    List<Shard> numbered = new ArrayList<>();
    Set<String> folders = new TreeSet<>();
    long count = 0;
    for (Shard shard : shards) {
      numbered.add(new Shard(shard.file, shard.count, count, shard.folders));
      folders.addAll(shard.folders);
      count += shard.count;
    }
    if (count == 0) {
      throw new DataException(
          "A dataset must hold images, but the " + format + " files in " + path + " hold none");
    }
    return new Index(numbered, count, new ClassNames(folders));
  }

  private static Shard scan(
      String file, String format, Opener opener, Configuration configuration) {
    Set<String> folders = new TreeSet<>();
    long count = 0;
    try (Reader reader = opener.open(new Path(file), configuration)) {
      for (Stored image = reader.next(false); image != null; image = reader.next(false)) {
        count++;
        String folder = ClassNames.folder(image.name);
        if (folder != null) {
          folders.add(folder);
        }
      }
    } catch (IOException e) {
      throw unreadable(file, format, count, e);
    }
    return new Shard(file, count, 0, List.copyOf(folders));
  }

  private static DataException unreadable(
      String file, String format, long read, IOException cause) {
    return new DataException(
        "A "
            + format
            + " file must be whole, but "
            + file
            + " cannot be read after "
            + read
            + " images: "
            + HadoopFiles.reason(cause)
            + "; fetch it again",
        cause);
  }

  private record Index(List<Shard> shards, long count, ClassNames classes) {}

  /** One file. */
  private record Shard(String file, long count, long firstId, List<String> folders)
      implements Serializable {}

  /** The images of a file, read one at a time. */
  private static final class Images implements Iterator<ImageRecord> {
    private final Shard shard;
    private final ClassNames classes;
    private final String format;
    private final Reader reader;
    private long done;

    Images(Shard shard, ClassNames classes, String format, Opener opener, Configuration hadoop) {
      this.shard = shard;
      this.classes = classes;
      this.format = format;
      try {
        this.reader = opener.open(new Path(shard.file), hadoop);
      } catch (IOException e) {
        throw unreadable(shard.file, format, 0, e);
      }
      TaskContext task = TaskContext.get();
      if (task != null) {
        task.addTaskCompletionListener((TaskCompletionListener) context -> close());
      }
    }

    @Override
    public boolean hasNext() {
      return done < shard.count;
    }

    @Override
    public ImageRecord next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      try {
        Stored image = reader.next(true);
        if (image == null) {
          throw new IOException("it has become shorter");
        }
        int label = image.label >= 0 ? image.label : classes.label(ClassNames.folder(image.name));
        return new ImageRecord(
            shard.firstId + done++,
            label,
            shard.file + "#" + image.name,
            Encoding.FILE,
            ImageFiles.limited(image.bytes));
      } catch (IOException e) {
        throw unreadable(shard.file, format, done, e);
      }
    }

    private void close() {
      try {
        reader.close();
      } catch (IOException e) {
        throw unreadable(shard.file, format, done, e);
      }
    }
  }
}
