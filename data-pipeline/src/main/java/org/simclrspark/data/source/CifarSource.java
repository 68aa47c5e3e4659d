package org.simclrspark.data.source;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.ImageRecord.Encoding;
import org.simclrspark.data.ImageSource;

/**
 * Images in {@linkplain CifarFormat CIFAR's binary format}, from a file, a directory or a glob.
 *
 * <p>Ids count the records, file after file in the order of the files' names. A directory stands
 * for its training batches: test_batch.bin and test.bin are left out when others are there.
 */
public final class CifarSource implements ImageSource {
  private static final int RECORDS_PER_SLICE = 2000;

  private final String path;
  private final CifarFormat format;

  /**
   * Names the data; nothing is read yet.
   *
   * @param path a file, a directory or a glob on any Hadoop file system
   */
  public CifarSource(String path, CifarFormat format) {
    this.path = path;
    this.format = format;
  }

  @Override
  public JavaRDD<ImageRecord> read(JavaSparkContext spark) {
    List<Slice> slices = slices(spark.hadoopConfiguration());
    SerializableConfiguration configuration =
        new SerializableConfiguration(spark.hadoopConfiguration());
    CifarFormat recordFormat = format;
    return spark
        .parallelize(slices, slices.size())
        .flatMap(slice -> slice.read(recordFormat, configuration.value()));
  }

  @Override
  public long count(JavaSparkContext spark) {
    return slices(spark.hadoopConfiguration()).stream().mapToLong(Slice::records).sum();
  }

  private List<Slice> slices(Configuration configuration) {
    List<Slice> slices = new ArrayList<>();
    long id = 0;
    for (FileStatus file : files(configuration)) {
      long records = records(file);
      for (long first = 0; first < records; first += RECORDS_PER_SLICE) {
        int count = (int) Math.min(RECORDS_PER_SLICE, records - first);
        slices.add(new Slice(file.getPath().toString(), first, count, id + first));
      }
      id += records;
    }
    return slices;
  }

  private List<FileStatus> files(Configuration configuration) {
    List<FileStatus> files = HadoopFiles.list(path, configuration);
    if (files.size() == 1) {
      return files;
    }
    List<FileStatus> binary =
        files.stream().filter(file -> file.getPath().getName().endsWith(".bin")).toList();
    if (binary.isEmpty()) {
      throw new DataException(
          "CIFAR files must be named *.bin, but none is in "
              + path
              + " (the first file is "
              + files.get(0).getPath().getName()
              + "); check the path or name another format");
    }
    List<FileStatus> training = binary.stream().filter(file -> !isTest(file)).toList();
    return training.isEmpty() ? binary : training;
  }

  private static boolean isTest(FileStatus file) {
    String name = file.getPath().getName();
    return name.equals("test_batch.bin") || name.equals("test.bin");
  }

  private long records(FileStatus file) {
    long length = file.getLen();
    int record = format.recordBytes();
    if (length == 0 || length % record != 0) {
      throw new DataException(
          "A CIFAR file must hold whole records of "
              + record
              + " bytes, but "
              + file.getPath()
              + " has "
              + length
              + " bytes ("
              + length / record
              + " records and "
              + length % record
              + " bytes); it is truncated or not CIFAR: fetch it again");
    }
    return length / record;
  }

  /** Consecutive records of one file. */
  private record Slice(String file, long first, int records, long firstId) implements Serializable {

    Iterator<ImageRecord> read(CifarFormat format, Configuration configuration) {
      int record = format.recordBytes();
      byte[] bytes = new byte[records * record];
      Path path = new Path(file);
      try (FSDataInputStream input = path.getFileSystem(configuration).open(path)) {
        input.readFully(first * record, bytes);
      } catch (IOException e) {
        throw new DataException(
            "A CIFAR file cannot be read: " + file + ": " + HadoopFiles.reason(e), e);
      }
      List<ImageRecord> images = new ArrayList<>(records);
      for (int i = 0; i < records; i++) {
        images.add(image(bytes, i, format));
      }
      return images.iterator();
    }

    private ImageRecord image(byte[] bytes, int index, CifarFormat format) {
      int pixels = index * format.recordBytes() + format.labelBytes();
      int label = bytes[pixels - 1] & 0xFF;
      String name = file + "#" + (first + index);
      if (label >= format.classes()) {
        throw new DataException(
            "A CIFAR label must lie in 0 to "
                + (format.classes() - 1)
                + ", found "
                + label
                + " in "
                + name
                + "; the file is damaged or not CIFAR");
      }
      byte[] image = new byte[CifarFormat.IMAGE_BYTES];
      System.arraycopy(bytes, pixels, image, 0, image.length);
      return new ImageRecord(firstId + index, label, name, Encoding.CIFAR, image);
    }
  }
}
